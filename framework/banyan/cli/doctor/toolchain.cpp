#include "toolchain.hpp"

#include <algorithm>

namespace banyan::doctor {
namespace {

constexpr version_number tested_gcc{12, 0, 0};  // Debian 12's, the oldest that the tests run with
constexpr std::string_view mark = "banyan_doctor_has ";

std::string with_path(const std::string& what, const program_facts& p) { return what + " (" + p.path + ")"; }

std::string install(std::string_view package) { return "apt install " + std::string{package}; }

finding judge_library(const library& l, const std::vector<library_facts>& all) {
  const std::string name{l.name};
  const auto found = std::ranges::find(all, name, &library_facts::name);
  if (found == all.end())
    return {name, l.without, "<" + std::string{l.header} + "> is not found by the compiler", install(l.package)};
  if (l.version.empty()) return {name, severity::ok, "installed"};
  const auto version = version_of_macro(found->version);
  if (version == version_number{}) return {name, severity::ok, "installed, of an unknown version"};
  if (version < l.least)
    return {name, severity::error, to_string(version),
            to_string(l.least) + " or later is needed: " + install(l.package)};
  return {name, severity::ok, to_string(version)};
}

}  // namespace

const program_facts* compiler_of(const compiler_facts& c) {
  if (c.chosen) return c.chosen->path.empty() ? nullptr : &*c.chosen;
  const auto found = std::ranges::find_if(c.on_path, [](const program_facts& p) { return !p.path.empty(); });
  return found == c.on_path.end() ? nullptr : &*found;
}

finding judge(const compiler_facts& c) {
  const std::string name = "C++ compiler";
  const auto* taken = compiler_of(c);
  if (!taken && c.chosen)
    return {name, severity::error, "CXX=" + c.chosen->command + " can not be run",
            "Set CXX to a compiler, or unset it"};
  if (!taken) return {name, severity::error, "none on PATH", install("build-essential")};
  const auto version = version_in(taken->said);
  if (!version)
    return {name, severity::warning, with_path("its version is unknown", *taken),
            "Banyan is tested with g++ 12; see what " + taken->command + " --version says"};
  const bool is_clang = taken->said.find("clang") != std::string::npos;
  const auto value = with_path((is_clang ? "clang++ " : "g++ ") + to_string(*version), *taken);
  if (is_clang) return {name, severity::warning, value, "Banyan is tested with g++ alone: CXX=g++ takes that one"};
  if (*version < tested_gcc)
    return {name, severity::error, value,
            "C++20 as Banyan uses it needs g++ 12: " + install("g++-12") + ", then CXX=g++-12"};
  return {name, severity::ok, value};
}

const std::vector<tool>& tools() {
  static const std::vector<tool> all{
      {"cmake", {3, 25, 0}, severity::error, "Banyan's CMakeLists.txt requires it", "cmake"},
      {"ninja", {1, 0, 0}, severity::warning, "the presets of Banyan and of `banyan new` build with it", "ninja-build"},
      {"pkg-config", {0, 0, 0}, severity::warning, "programs that are built without CMake find Banyan by it",
       "pkg-config"},
  };
  return all;
}

finding judge(const tool& t, const program_facts& found) {
  const std::string name{t.name};
  const std::string reason{t.reason};
  if (found.path.empty()) return {name, t.without, "not on PATH", install(t.package) + ": " + reason};
  const auto version = version_in(found.said);
  if (!version)
    return {name, severity::warning, with_path("its version is unknown", found),
            "See what " + name + " --version says"};
  const auto value = with_path(to_string(*version), found);
  if (*version < t.least) return {name, t.without, value, to_string(t.least) + " or later is needed: " + reason};
  return {name, severity::ok, value};
}

const std::vector<library>& libraries() {
  static const std::vector<library> all{
      {"CAF", "caf/config.hpp", "caf/config.hpp", "CAF_VERSION", "libcaf-dev", {0, 17, 6}, "CAF_VERSION_STR"},
      {"Boost", "boost/version.hpp", "boost/version.hpp", "BOOST_LIB_VERSION", "libboost1.81-dev", {1, 81, 0}},
      {"Boost.JSON", "boost/json.hpp", "", "", "libboost-json1.81-dev"},
      {"Boost.URL", "boost/url.hpp", "", "", "libboost-url1.81-dev"},
#ifdef BANYAN_WITH_TLS
      {"OpenSSL", "openssl/ssl.h", "openssl/opensslv.h", "OPENSSL_VERSION_STR", "libssl-dev", {3, 0, 0}},
#endif
      {"SQLite", "sqlite3.h", "sqlite3.h", "SQLITE_VERSION", "libsqlite3-dev"},
      {"spdlog", "spdlog/spdlog.h", "spdlog/version.h", "SPDLOG_VER_MAJOR.SPDLOG_VER_MINOR.SPDLOG_VER_PATCH",
       "libspdlog-dev"},
      {"toml++", "toml++/toml.h", "toml++/impl/version.h", "TOML_LIB_MAJOR.TOML_LIB_MINOR.TOML_LIB_PATCH",
       "libtomlplusplus-dev"},
      {"CLI11", "CLI/CLI.hpp", "CLI/Version.hpp", "CLI11_VERSION", "libcli11-dev"},
      {"xxHash", "xxhash.h", "xxhash.h", "XXH_VERSION_MAJOR.XXH_VERSION_MINOR.XXH_VERSION_RELEASE", "libxxhash-dev"},
      {"prometheus-cpp", "prometheus/registry.h", "", "", "prometheus-cpp-dev"},
      // For tests alone: those of Banyan, and of the projects that `banyan new` makes.
      {"Catch2", "catch2/catch.hpp", "", "", "catch2", {}, "", severity::warning},
  };
  return all;
}

std::string library_probe() {
  std::string source;
  const auto has = [](std::string_view header) { return "#if __has_include(<" + std::string{header} + ">)\n"; };
  for (const auto& l : libraries()) {
    const std::string said = std::string{mark} + std::string{l.name} + " ";
    source += has(l.header);
    if (!l.version_header.empty())
      source += has(l.version_header) + "#include <" + std::string{l.version_header} + ">\n#endif\n";
    const std::string better{l.better_version};
    if (!better.empty()) source += "#ifdef " + better + "\n" + said + better + "\n#else\n";
    source += said + std::string{l.version} + "\n#endif\n";
    if (!better.empty()) source += "#endif\n";
  }
  return source;
}

std::vector<library_facts> read_library_probe(std::string_view output) {
  std::vector<library_facts> found;
  while (!output.empty()) {
    auto line = output.substr(0, output.find('\n'));
    output.remove_prefix(std::min(line.size() + 1, output.size()));
    if (!line.starts_with(mark)) continue;
    line.remove_prefix(mark.size());
    const auto end = std::min(line.find(' '), line.size());
    found.push_back({std::string{line.substr(0, end)}, std::string{line.substr(std::min(end + 1, line.size()))}});
  }
  return found;
}

std::vector<finding> judge(const std::optional<std::vector<library_facts>>& found) {
  if (!found)
    return {{"libraries", severity::warning, "the compiler does not preprocess C++20, or not in time",
             "Mend the compiler, then run this again"}};
  std::vector<finding> all;
  for (const auto& l : libraries()) all.push_back(judge_library(l, *found));
  return all;
}

finding judge(const std::vector<linked_facts>& linked) {
  std::string value, older;
  for (const auto& l : linked) {
    value += (value.empty() ? "" : ", ") + l.name + " " + l.loaded;
    if (l.loaded != l.built) value += " (built with " + l.built + ")";
    if (version_of_macro(l.loaded) < version_of_macro(l.built)) older += (older.empty() ? "" : ", ") + l.name;
  }
  if (older.empty()) return {"this program", severity::ok, value};
  return {"this program", severity::warning, value,
          "Older than what this program was built with, update or build it again: " + older};
}

finding judge(const package_facts& p) {
  const std::string name = "banyan for CMake";
  if (!p.config.empty()) return {name, severity::ok, p.config};
  return {name, severity::warning, "no banyan-config.cmake below CMAKE_PREFIX_PATH, /usr/local and /usr",
          "For programs of your own: apt install ./libbanyan-dev_*.deb; or, from a build of Banyan, "
          "cmake --install build/release --prefix DIR, and CMAKE_PREFIX_PATH=DIR"};
}

}  // namespace banyan::doctor
