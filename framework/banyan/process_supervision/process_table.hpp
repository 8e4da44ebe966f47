// The processes of this machine, from /proc; and killing those that programs leave behind.
//
// A subreaper (PR_SET_CHILD_SUBREAPER) becomes the parent of every descendant whose own parent has ended. Only own
// children are signalled, because their ids are not reused before they are waited for; deeper descendants are found
// in a later round.
#pragma once

#include <banyan/core/time.hpp>

#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace banyan {

struct process_entry {
  pid_t id = 0, parent = 0, session = 0;
  bool ended = false;  // a zombie, not waited for yet
};

// Processes that end during the reading are left out. `table`: for tests.
std::vector<process_entry> processes(const std::filesystem::path& table = "/proc");

// The process with this id, if any.
std::optional<process_entry> process_of(pid_t id);

// Whether the environment that the process was started with contains `text`.
bool environment_holds(pid_t process, std::string_view text);

// Sends SIGKILL to the children of this process that `chosen` accepts and that have not ended; returns them.
std::vector<pid_t> kill_children(const std::function<bool(const process_entry&)>& chosen);

// Kills all descendants of this process until none is left or `limit` has passed. True: none is left. Blocks;
// SIGCHLD must be blocked.
bool end_all_children(timespan limit);

}  // namespace banyan
