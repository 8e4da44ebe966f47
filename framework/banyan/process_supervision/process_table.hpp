// The processes of this machine, as /proc shows them; and ending those that programs leave behind.
//
// Who collects orphans (PR_SET_CHILD_SUBREAPER) gets every process below it as a child of its own as soon as the parent between them has
// ended. So only own children are ever signalled here, whose ids can not belong to anybody else before they are waited for; what is deeper
// comes up in a later round.
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
  bool ended = false;  // waits to be waited for
};

// Those that end while they are looked at are left out. `table`: for tests.
std::vector<process_entry> processes(const std::filesystem::path& table = "/proc");

// One of them; nothing when there is none of this id.
std::optional<process_entry> process_of(pid_t id);

// Whether the environment that it was started with holds this text.
bool environment_holds(pid_t process, std::string_view text);

// SIGKILL to the children of this process that are chosen and have not ended; these.
std::vector<pid_t> kill_children(const std::function<bool(const process_entry&)>& chosen);

// Kills all below this process, until there is nobody or the time is over. True: nobody. Blocks; SIGCHLD must be blocked.
bool end_all_children(timespan limit);

}  // namespace banyan
