// Runs a command that answers at once, and ends it when it does not.
// Standard error is dropped. Not for commands with more output than memory is for.
#pragma once

#include <banyan/core/time.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banyan::doctor {

// Its output; empty when it can not be started, ends with another exit code than 0, or is killed at the deadline.
// `input`: what it reads from standard input, at most the 64 KiB that a pipe takes.
std::optional<std::string> run_briefly(const std::vector<std::string>& command, monotonic deadline,
                                       std::string_view input = {});

// The first file of this name in the folders of PATH that can be executed; a name with a slash is looked at itself.
// Empty: none.
std::string find_on_path(const std::string& command);

}  // namespace banyan::doctor
