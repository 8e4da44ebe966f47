#include "file_kind.hpp"

#include <algorithm>
#include <array>

namespace banyan::edit_loop {
namespace {

// A list of what counts, not of what does not: a program may write any other file into its project while it runs.
constexpr std::array source_endings{
    ".c",     ".cc",  ".cpp", ".cxx",   ".c++",  ".cppm",  ".ixx", ".m",   ".mm",  ".h",   ".hh",
    ".hpp",   ".hxx", ".h++", ".inc",   ".inl",  ".ipp",   ".tpp", ".txx", ".def", ".s",   ".S",
    ".asm",   ".cu",  ".cuh", ".ld",    ".in",   ".cmake", ".y",   ".l",   ".yy",  ".ll",  ".re",
    ".proto", ".fbs", ".sql", ".capnp", ".html", ".css",   ".js",  ".mjs", ".svg", ".xml", ".xsd", ".json",
};
constexpr std::array foreign_folders{"build", "_deps", "CMakeFiles", "node_modules", "__pycache__", "vcpkg_installed"};

bool is_hidden(std::string_view name) { return name.empty() || name.starts_with('.'); }

}  // namespace

file_kind kind_of_file(std::string_view name) {
  if (is_hidden(name)) return file_kind::other;  // .#order.cpp: Emacs; .order.cpp.swp: Vim
  if (name == "CMakeLists.txt") return file_kind::source;
  const auto dot = name.rfind('.');
  if (dot == name.npos) return file_kind::other;
  const auto ending = name.substr(dot);
  if (ending == ".toml") return file_kind::setting;
  return std::find(source_endings.begin(), source_endings.end(), ending) != source_endings.end() ? file_kind::source
                                                                                                 : file_kind::other;
}

bool is_source_folder(std::string_view name) {
  if (is_hidden(name) || name.starts_with("build-") || name.starts_with("cmake-build-")) return false;
  return std::find(foreign_folders.begin(), foreign_folders.end(), name) == foreign_folders.end();
}

}  // namespace banyan::edit_loop
