// Which files of a project count in an edit loop. Pure: decides by name.
#pragma once

#include <cstdint>
#include <string_view>

namespace banyan::edit_loop {

enum class file_kind : std::uint8_t {
  other,    // not watched: a program's data, documents, temporary files of editors
  source,   // the build may depend on it: C and C++, CMake, and what is often embedded into a program
  setting,  // the program reads it when it starts: *.toml
};

// `name`: the last component of the path.
file_kind kind_of_file(std::string_view name);

// Whether a folder of this name may have such files. Not watched are hidden folders (.git), build folders (build,
// build-*, cmake-build-*) and those of package managers.
bool is_source_folder(std::string_view name);

}  // namespace banyan::edit_loop
