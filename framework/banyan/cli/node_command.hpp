// The commands `banyan describe`, `check`, `events` and `topology`, which read a running node of any program through
// its operations port (runtime/node_commands.hpp).
#pragma once

#include <CLI/CLI.hpp>

#include <functional>

namespace banyan {

// Adds the commands. The returned function runs the one that was given, and returns the exit code.
std::function<int()> add_node_commands(CLI::App& cli);

}  // namespace banyan
