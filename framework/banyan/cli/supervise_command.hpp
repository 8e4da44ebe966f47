// `banyan supervise FILE`.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>

namespace banyan {

// Adds the command; what it returns runs it, when it was given, and returns the exit code.
std::function<int()> add_supervise_command(CLI::App& cli);

}  // namespace banyan
