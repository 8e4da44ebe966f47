// Starts one process of a supervised program: in a session (and so a process group) of its own, with nothing of the supervisor's but its
// environment, and killed by the kernel when the supervisor dies (PR_SET_PDEATHSIG).
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
  descriptor output;  // reads what it writes to standard output and standard error, in that order; does not block
};

// `environment`: "NAME=value", a later one wins. Errors (unavailable) say what failed: "cannot run bin/shop: No such file or directory". A
// limit that this process may not set is `forbidden`: another start would not mend it.
// Returns when the program has taken over. Only for a process with one thread.
result<child_process> start_process(const program_spec& spec, std::vector<std::string> environment);

}  // namespace banyan
