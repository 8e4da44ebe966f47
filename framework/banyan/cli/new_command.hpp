// The commands `banyan new app NAME` and `banyan new service NAME`.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>

namespace banyan {

// Adds the commands. The returned function runs the one that was given, and returns the exit code.
std::function<int()> add_new_command(CLI::App& cli);

}  // namespace banyan
