// The command `banyan run`: builds an application and serves it; with --watch again after each change.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>

namespace banyan {

// Adds the command. The returned function runs it if it was given, and returns the exit code.
std::function<int()> add_run_command(CLI::App& cli);

}  // namespace banyan
