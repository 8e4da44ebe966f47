// The commands that configure and build a project, and the program that they make.
#pragma once

#include "runner.hpp"

#include <banyan/process_supervision/program_group.hpp>

#include <cstdint>
#include <optional>

namespace banyan::edit_loop {

// Whether CMake has to be called before the build tool, which notices changed CMakeLists.txt by itself: nothing is
// configured, or the presets have changed since.
bool needs_configuring(const runner_options& o);

program_spec configure_command(const runner_options& o);
program_spec build_command(const runner_options& o);  // of a configured project
std::string target_name(const runner_options& o);     // of a configured project

// An executable file, and which one it is: a build that changes nothing leaves it.
struct built_program {
  std::filesystem::path file;
  std::uint64_t inode = 0, size = 0;
  std::int64_t written = 0;  // ns
  friend bool operator==(const built_program&, const built_program&) = default;
};

// Looked for in the build folder and in its folder bin. Empty: it is in neither.
std::optional<built_program> find_program(const runner_options& o);

}  // namespace banyan::edit_loop
