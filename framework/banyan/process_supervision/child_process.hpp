// Starts one process of a supervised program: in a session (and process group) of its own, with nothing inherited
// from the supervisor but its environment, and killed by the kernel when the supervisor dies (PR_SET_PDEATHSIG).
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/process_supervision/descriptor.hpp>
#include <banyan/process_supervision/program_group.hpp>

#include <string>
#include <vector>

#include <sys/types.h>

namespace banyan {

struct child_process {
  pid_t id = 0;
  descriptor output;  // its standard output and standard error, in order; non-blocking
};

// `environment`: "NAME=value", the last of a name wins. Returns after exec. Only in a process with one thread.
// Errors: unavailable, with the failed step ("cannot run bin/shop: No such file or directory"); forbidden for a
// limit that this process may not set, where a retry is useless.
result<child_process> start_process(const program_spec& spec, std::vector<std::string> environment);

}  // namespace banyan
