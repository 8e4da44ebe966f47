// Whether the programs of a group could be started as they are on this machine now: for `banyan supervise --check`.
#pragma once

#include <banyan/process_supervision/program_group.hpp>

#include <vector>

namespace banyan {

// Of a group that was resolved: each directory is one and may be entered, and each command is a file that may be
// executed, found as execvp(3) finds it (in the PATH of the program's own environment when it sets one), with an
// interpreter that exists when it is a script. Each problem has the line and key of the file. Not for a start: what a
// program needs may be made by one before it.
std::vector<problem> check_commands(const program_group& group);

// Each limit is one that this process may set for its programs: not above its own hard limit, unless it may raise that.
// Nothing that runs can change this, so it is for a start as well.
std::vector<problem> check_limits(const program_group& group);

}  // namespace banyan
