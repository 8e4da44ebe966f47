// What is needed to build Banyan, or a program on it: compiler, tools, libraries, Banyan's own CMake package. Pure:
// facts in, findings out; toolchain_facts.hpp gathers the facts.
#pragma once

#include "finding.hpp"
#include "version.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banyan::doctor {

// A program that PATH may have.
struct program_facts {
  std::string command;  // "c++"
  std::string path;     // empty: not found
  std::string said;     // of `command --version`, the first line; empty: it did not answer
};

// The compiler that CMake takes: `chosen` is $CXX, and without it the first that is found of `on_path`.
struct compiler_facts {
  std::optional<program_facts> chosen;
  std::vector<program_facts> on_path;
};
const program_facts* compiler_of(const compiler_facts& c);  // null: none
finding judge(const compiler_facts& c);

struct tool {
  std::string_view name;
  version_number least;
  severity without;         // when it is missing or older
  std::string_view reason;  // "the presets build with it"
  std::string_view package;
};
const std::vector<tool>& tools();
finding judge(const tool& t, const program_facts& found);

// A library of framework/cmake/dependencies.cmake, found by the compiler's search for its header.
struct library {
  std::string_view name, header;
  std::string_view version_header, version;  // an expression of macros; empty: it has none
  std::string_view package;                  // Debian's
  version_number least = {};
  std::string_view better_version = {};  // a macro that is the version where it is defined
  severity without = severity::error;    // when it is missing
};
const std::vector<library>& libraries();
// A source for the preprocessor, and what its output says: the version of each library that is there.
std::string library_probe();
struct library_facts {
  std::string name, version;  // version: a macro's value
};
std::vector<library_facts> read_library_probe(std::string_view output);
// A finding for each of libraries(). `found` is empty when the compiler could not be asked.
std::vector<finding> judge(const std::optional<std::vector<library_facts>>& found);

// A library that this program is linked with: its version when this program was built, and the one that is loaded now.
struct linked_facts {
  std::string name, built, loaded;
};
finding judge(const std::vector<linked_facts>& linked);

struct package_facts {
  std::string config;  // path of banyan-config.cmake; empty: not found
};
finding judge(const package_facts& p);

}  // namespace banyan::doctor
