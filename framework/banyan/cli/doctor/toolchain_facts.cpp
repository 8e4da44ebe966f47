#include "brief_command.hpp"
#include "facts.hpp"

#include <boost/version.hpp>
#include <caf/config.hpp>
#include <spdlog/version.h>
#include <sqlite3.h>
#ifdef BANYAN_WITH_TLS
#include <openssl/crypto.h>
#endif

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace banyan::doctor {
namespace {

std::string variable(const char* name) {
  const auto* value = std::getenv(name);
  return value ? value : "";
}

// The prefixes that CMake's find_package searches first.
std::vector<std::filesystem::path> prefixes() {
  std::vector<std::filesystem::path> all;
  auto list = variable("CMAKE_PREFIX_PATH");
  for (std::size_t from = 0; from < list.size();) {
    const auto end = std::min(list.find(':', from), list.size());
    if (end > from) all.emplace_back(list.substr(from, end - from));
    from = end + 1;
  }
  all.emplace_back("/usr/local");
  all.emplace_back("/usr");
  return all;
}

std::string from_macro(std::string_view value) { return to_string(version_of_macro(value)); }

}  // namespace

program_facts look_for_program(const std::string& command, monotonic deadline) {
  program_facts found{command, find_on_path(command), {}};
  if (found.path.empty()) return found;
  if (auto said = run_briefly({found.path, "--version"}, deadline)) found.said = said->substr(0, said->find('\n'));
  return found;
}

compiler_facts look_for_compilers(monotonic deadline) {
  if (const auto chosen = variable("CXX"); !chosen.empty())
    return {look_for_program(chosen.substr(0, chosen.find(' ')), deadline), {}};
  for (const auto* command : {"c++", "g++", "clang++"})  // CMake's order
    if (auto found = look_for_program(command, deadline); !found.path.empty())
      return {std::nullopt, {std::move(found)}};
  return {};
}

std::optional<std::vector<library_facts>> look_for_libraries(const program_facts& compiler, monotonic deadline) {
  std::vector<std::string> command{compiler.path, "-std=c++20", "-E", "-P", "-x", "c++"};
  for (const auto& prefix : prefixes())
    if (prefix != "/usr") command.push_back("-I" + (prefix / "include").string());
  command.emplace_back("-");
  const auto output = run_briefly(command, deadline, library_probe());
  if (!output) return std::nullopt;
  return read_library_probe(*output);
}

std::vector<linked_facts> look_at_linked() {
  // CAF, Boost and spdlog do not tell the version that is loaded; their sonames are those they were built with.
  const auto caf = to_string(version_number{CAF_MAJOR_VERSION, CAF_MINOR_VERSION, CAF_PATCH_VERSION});
  const auto boost = from_macro(BOOST_LIB_VERSION);
  const auto spdlog = to_string(version_number{SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH});
  return {{"CAF", caf, caf},
          {"Boost", boost, boost},
#ifdef BANYAN_WITH_TLS
          {"OpenSSL", OPENSSL_VERSION_STR, ::OpenSSL_version(OPENSSL_VERSION_STRING)},
#endif
          {"SQLite", SQLITE_VERSION, ::sqlite3_libversion()},
          {"spdlog", spdlog, spdlog}};
}

package_facts look_for_package() {
  auto places = prefixes();
  std::error_code unseen;
  // This program's own prefix: where it was installed with the package.
  if (const auto self = std::filesystem::read_symlink("/proc/self/exe", unseen); !unseen)
    places.insert(places.begin(), self.parent_path().parent_path());
  for (const auto& prefix : places)
    for (const auto* libraries : {"lib", "lib64", "lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu"})
      if (const auto config = prefix / libraries / "cmake/banyan/banyan-config.cmake";
          std::filesystem::exists(config, unseen))
        return {config.string()};
  return {};
}

}  // namespace banyan::doctor
