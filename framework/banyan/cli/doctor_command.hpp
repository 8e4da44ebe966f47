// The command `banyan doctor`: what this machine has of what a build and a node need, with what to do about the rest.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>

namespace banyan {

// Adds the command. The returned function runs it if it was given, and returns the exit code.
std::function<int()> add_doctor_command(CLI::App& cli);

}  // namespace banyan
