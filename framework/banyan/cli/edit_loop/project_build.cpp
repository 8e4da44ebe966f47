#include "project_build.hpp"

#include "../project_folder.hpp"

#include <cstdlib>

#include <sys/stat.h>
#include <unistd.h>

namespace banyan::edit_loop {
namespace {

namespace fs = std::filesystem;

program_spec command_of(const runner_options& o, std::vector<std::string> words) {
  program_spec spec{.name = "cmake", .command = std::move(words), .directory = o.root.string()};
  spec.ready = {.when = readiness::kind::exited, .within = timespan::max()};
  spec.shutdown = std::chrono::seconds{2};
  // The package that this program was installed with is found without -DCMAKE_PREFIX_PATH.
  std::error_code unseen;
  const auto prefix = fs::read_symlink("/proc/self/exe", unseen).parent_path().parent_path();
  if (fs::exists(prefix / "lib" / "cmake" / "banyan" / "banyan-config.cmake", unseen)) {
    const auto* given = std::getenv("CMAKE_PREFIX_PATH");
    spec.environment.emplace_back("CMAKE_PREFIX_PATH",
                                  (given && *given ? given + std::string{":"} : std::string{}) + prefix.string());
  }
  return spec;
}

}  // namespace

bool needs_configuring(const runner_options& o) {
  std::error_code unseen;
  if (!fs::exists(o.from.folder / "CMakeCache.txt", unseen)) return true;
  for (const auto* made : {"build.ninja", "Makefile"}) {
    const auto file = o.from.folder / made;
    if (!fs::exists(file, unseen)) continue;
    const auto configured = fs::last_write_time(file, unseen);
    for (const auto& presets : o.from.files) {
      std::error_code missing;
      if (const auto changed = fs::last_write_time(presets, missing); !missing && changed > configured) return true;
    }
    return false;
  }
  return true;  // it failed
}

program_spec configure_command(const runner_options& o) { return command_of(o, {"cmake", "--preset", o.from.name}); }

program_spec build_command(const runner_options& o) {
  std::vector<std::string> words{"cmake", "--build"};
  if (o.from.has_build_preset) {
    words.insert(words.end(), {"--preset", o.from.name});
  } else {
    words.push_back(o.from.folder.string());
  }
  words.insert(words.end(), {"--target", target_name(o)});
  return command_of(o, std::move(words));
}

std::string target_name(const runner_options& o) {
  if (!o.target.empty()) return o.target;
  return cache_variable(read_file(o.from.folder / "CMakeCache.txt").value_or(""), "CMAKE_PROJECT_NAME");
}

std::optional<built_program> find_program(const runner_options& o) {
  const auto name = target_name(o);
  for (const auto& folder : {o.from.folder / "bin", o.from.folder}) {
    const auto file = folder / name;
    struct stat s {};
    if (::stat(file.c_str(), &s) != 0 || !S_ISREG(s.st_mode) || ::access(file.c_str(), X_OK) != 0) continue;
    return built_program{file, s.st_ino, static_cast<std::uint64_t>(s.st_size),
                         s.st_mtim.tv_sec * 1'000'000'000 + s.st_mtim.tv_nsec};
  }
  return {};
}

}  // namespace banyan::edit_loop
