// An edit loop with real processes: configures and builds a CMake project, runs `serve` of its program, and does so
// again when its sources change. What is next decides core.hpp; processes are those of process_supervision
// (program_run.hpp), so that nothing of a build and of the program is left when this ends.
#pragma once

#include "presets.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace banyan::edit_loop {

struct runner_options {
  std::filesystem::path root;  // the project's folder, absolute
  preset from;
  std::string target = {};             // of the program; empty: the project's name
  std::vector<std::string> arguments;  // of `serve`
  bool watches = false;
  std::string sockets;  // a private folder for NOTIFY_SOCKETs (notify_folder.hpp)
};

// Standard output has the lines of the builds and of the program, and "banyan: ..." for what happens. Call it within
// keep (keeper.hpp). Returns the exit code: 128 + n after signal n (SIGINT, SIGTERM, SIGHUP, SIGQUIT); 1 when the
// sources can not be watched. Without `watches` also 1 when the build failed, and that of the program when it has ended
// (128 + n when signal n killed it).
int run_edit_loop(const runner_options& options);

}  // namespace banyan::edit_loop
