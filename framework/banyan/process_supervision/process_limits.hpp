// A program's limits in the form of setrlimit(2), for child_process.hpp, which sets them, and check_commands.hpp,
// which checks them.
#pragma once

#include <banyan/process_supervision/program_group.hpp>

#include <chrono>
#include <vector>

#include <sys/resource.h>

namespace banyan {

struct process_limit {
  const char* key;  // a literal, the key in the file: "limits.open_files"
  decltype(RLIMIT_AS) resource;
  rlim_t most;
};

// The address space comes last: allocations after it was set could fail.
inline std::vector<process_limit> process_limits(const resource_limits& l) {
  std::vector<process_limit> all;
  if (l.open_files) all.push_back({"limits.open_files", RLIMIT_NOFILE, static_cast<rlim_t>(*l.open_files)});
  if (l.core) all.push_back({"limits.core", RLIMIT_CORE, static_cast<rlim_t>(*l.core)});
  if (l.cpu) all.push_back({"limits.cpu", RLIMIT_CPU, static_cast<rlim_t>(std::chrono::ceil<std::chrono::seconds>(l.cpu->count()).count())});
  if (l.address_space) all.push_back({"limits.address_space", RLIMIT_AS, static_cast<rlim_t>(*l.address_space)});
  return all;
}

}  // namespace banyan
