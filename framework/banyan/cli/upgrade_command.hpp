// The command `banyan upgrade`.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>

namespace banyan {

// Adds the command. The returned function runs it if it was given, and returns the exit code.
std::function<int()> add_upgrade_command(CLI::App& cli);

}  // namespace banyan
