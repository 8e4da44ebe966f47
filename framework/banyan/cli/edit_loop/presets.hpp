// What an edit loop needs of CMake's presets: where a preset builds, and whether a build preset goes with it. Reads
// CMakePresets.json and CMakeUserPresets.json with the files that they include; conditions are CMake's business.
#pragma once

#include <banyan/core/result.hpp>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banyan::edit_loop {

struct preset {
  std::string name;
  std::filesystem::path folder;   // its binaryDir, absolute
  bool has_build_preset = false;  // one of the same name, for this configure preset
  std::vector<std::filesystem::path> files = {};  // that were read for it
};

// The text of a file, if it can be read.
using file_reader = std::function<std::optional<std::string>(const std::filesystem::path&)>;

// `root`: the project's folder, absolute. Errors, all invalid_argument: a file is no JSON, there is no such preset that
// is not hidden (the sentence lists those that are there), it names no binaryDir, or one with a macro that is not known
// here.
result<preset> read_preset(const std::filesystem::path& root, const std::string& name, const file_reader& read);

// The value of a variable in the text of a CMakeCache.txt; empty: none.
std::string cache_variable(std::string_view cache, std::string_view name);

}  // namespace banyan::edit_loop
