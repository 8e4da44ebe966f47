#include "run_command.hpp"

#include "edit_loop/runner.hpp"
#include "project_folder.hpp"

#include <banyan/process_supervision/keeper.hpp>
#include <banyan/process_supervision/notify_folder.hpp>

#include <iostream>
#include <memory>

namespace banyan {
namespace {

struct run_arguments {
  std::string folder = ".", preset = "dev", target;
  std::vector<std::string> for_program;
  bool watch = false;
};

// The nearest folder, upwards, that has a CMake project with presets, as what `banyan new` makes.
result<std::filesystem::path> find_cmake_project(const std::filesystem::path& from) {
  std::error_code failed;
  for (auto folder = std::filesystem::weakly_canonical(from, failed); !failed; folder = folder.parent_path()) {
    const auto has = [&](const char* file) { return std::filesystem::exists(folder / file, failed); };
    if (has("CMakeLists.txt") && (has("CMakePresets.json") || has("CMakeUserPresets.json"))) return folder;
    if (folder == folder.parent_path()) break;
  }
  return error{code::not_found,
               from.string() +
                   " is in no application: neither it nor a folder above it has CMakeLists.txt and CMakePresets.json;" +
                   " --dir names one."};
}

// An application's record names it; without one, the project of CMake does.
std::string target_in(const std::filesystem::path& root, const run_arguments& a) {
  if (!a.target.empty()) return a.target;
  const auto text = read_file(root / scaffold::record_path);
  const auto record = text ? scaffold::read_record(*text) : error{code::not_found, "it has no record"};
  return record ? record->application : "";
}

int run(const run_arguments& a) {
  const auto root = find_cmake_project(a.folder);
  if (!root) return refuse(root.error());
  auto preset = edit_loop::read_preset(*root, a.preset, read_file);
  if (!preset) return refuse(preset.error());
  // Shared with the keeper, which removes it when the other process is killed.
  const auto sockets = notify_folder::make();
  if (!sockets) return refuse(sockets.error());
  const edit_loop::runner_options options{
      *root, std::move(*preset), target_in(*root, a), a.for_program, a.watch, (*sockets)->path()};
  return keep([&] { return edit_loop::run_edit_loop(options); });
}

}  // namespace

std::function<int()> add_run_command(CLI::App& cli) {
  auto a = std::make_shared<run_arguments>();
  auto* command = cli.add_subcommand("run", "Build an application and serve it; with --watch again after each change");
  command->add_option("arguments", a->for_program, "For `serve` of the program; write -- before the first")
      ->type_name("ARGUMENTS");
  command->add_flag("--watch", a->watch,
                    "Build again when a source changes; a good build ends the program and starts the new one");
  command
      ->add_option("--dir", a->folder,
                   "The application's folder, or one in it: what `banyan new` made, or a CMake project with presets")
      ->type_name("APP")
      ->capture_default_str();
  command->add_option("--preset", a->preset, "The configure preset of CMake")
      ->type_name("PRESET")
      ->capture_default_str();
  command->add_option("--target", a->target, "The program's target of CMake; default: the name of the application")
      ->type_name("TARGET");
  command->footer(
      "Configures with CMake if need be, builds the target, and starts PROGRAM serve ARGUMENTS in the\n"
      "application's folder; the program is looked for in the preset's binaryDir and in its folder bin.\n"
      "\"serving after\" is said when it is ready (READY=1 over NOTIFY_SOCKET).\n"
      "Watched are sources of C and C++, files of CMake (CMakeLists.txt, *.cmake, *.in), *.json, *.toml, and\n"
      "what is often embedded (*.sql, *.html, *.proto, ...): not hidden folders and build folders. Changes\n"
      "within 100 ms are one. A failed build, whose output is shown, leaves the program as it runs. A good\n"
      "build that changes the program, or a changed *.toml, ends it: SIGTERM, and SIGKILL 5 s later. One that\n"
      "ends by itself waits for the next change.\n"
      "SIGINT, SIGTERM or SIGHUP (but not under nohup) ends the program, too; a second SIGINT or SIGTERM, or\n"
      "SIGQUIT, kills it.\n"
      "Exit codes: that of the program without --watch, 1 the build failed or the sources can not be watched,\n"
      "2 refused (a sentence on standard error), 128 + n ended by signal n.\n");
  return [a, command] { return command->parsed() ? run(*a) : 0; };
}

}  // namespace banyan
