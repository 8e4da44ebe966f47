// Startup checks of a group of programs, as lists of problems.
#pragma once

#include <banyan/process_supervision/program_group.hpp>

#include <vector>

namespace banyan {

// For `banyan supervise --check`: whether the programs of a resolved group can be started on this machine now. Each
// directory exists and may be entered; each command is an executable file, found as by execvp(3) (in the PATH of the
// program's own environment if it sets one); the interpreter of a script exists. Each problem has the line and key
// of the file. Not for a real start: an earlier program may create what a later one needs.
std::vector<problem> check_commands(const program_group& group);

// Checks that this process may set each limit for its programs: not above its own hard limit, unless it may raise
// that. Independent of running programs, so it is used at a start too.
std::vector<problem> check_limits(const program_group& group);

}  // namespace banyan
