#include <banyan/cli/doctor/toolchain.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

using namespace banyan::doctor;

namespace {

program_facts program(std::string command, std::string said) {
  auto path = "/usr/bin/" + command;
  return {std::move(command), std::move(path), std::move(said)};
}
program_facts missing(std::string command) { return {std::move(command), {}, {}}; }

finding of(program_facts compiler) { return judge(compiler_facts{{}, {std::move(compiler)}}); }

const tool& tool_named(std::string_view name) {
  return *std::ranges::find(tools(), name, &tool::name);
}
const finding& named(const std::vector<finding>& all, std::string_view name) {
  return *std::ranges::find(all, name, &finding::name);
}

std::string content_of(const std::string& file) {
  std::ifstream in{SOURCE_TREE + ("/" + file)};
  std::ostringstream all;
  all << in.rdbuf();
  return all.str();
}

}  // namespace

TEST_CASE("a compiler is judged by its family and version") {
  const auto good = of(program("c++", "c++ (Debian 12.2.0-14) 12.2.0"));
  CHECK(good.status == severity::ok);
  CHECK(good.value == "g++ 12.2.0 (/usr/bin/c++)");
  CHECK(of(program("c++", "c++ (Ubuntu 11.4.0-1ubuntu1) 11.4.0")).status == severity::error);
  CHECK(of(program("c++", "g++ (GCC) 13.2.1 20230728")).status == severity::ok);
  const auto clang = of(program("clang++", "Debian clang version 16.0.6"));
  CHECK(clang.status == severity::warning);
  CHECK(clang.value == "clang++ 16.0.6 (/usr/bin/clang++)");
  CHECK(of(program("c++", "")).status == severity::warning);
}

TEST_CASE("without a compiler nothing is built") {
  const auto none = judge(compiler_facts{});
  CHECK(none.status == severity::error);
  CHECK(none.advice == "apt install build-essential");
}

TEST_CASE("CXX decides, also when it can not be run") {
  const auto wrong = judge(compiler_facts{missing("g++-99"), {program("c++", "c++ (Debian) 12.2.0")}});
  CHECK(wrong.status == severity::error);
  CHECK(wrong.value == "CXX=g++-99 can not be run");
  CHECK(judge(compiler_facts{program("g++-12", "g++-12 (Debian) 12.2.0"), {}}).status == severity::ok);
}

TEST_CASE("a tool that is missing or too old is an error or a warning, by what needs it") {
  CHECK(judge(tool_named("cmake"), missing("cmake")).status == severity::error);
  CHECK(judge(tool_named("cmake"), program("cmake", "cmake version 3.24.9")).status == severity::error);
  CHECK(judge(tool_named("cmake"), program("cmake", "cmake version 3.25.0")).status == severity::ok);
  CHECK(judge(tool_named("cmake"), program("cmake", "")).status == severity::warning);
  const auto ninja = judge(tool_named("ninja"), missing("ninja"));
  CHECK(ninja.status == severity::warning);
  CHECK(ninja.advice.starts_with("apt install ninja-build: "));
  CHECK(judge(tool_named("ninja"), program("ninja", "1.11.1")).status == severity::ok);
  CHECK(judge(tool_named("pkg-config"), missing("pkg-config")).status == severity::warning);
}

TEST_CASE("a library is judged by what the compiler finds") {
  const auto found = read_library_probe("banyan_doctor_has CAF 1706\n"
                                        "typedef int banyan_doctor_has;\n"
                                        "banyan_doctor_has Boost \"1_74\"\n"
                                        "banyan_doctor_has Boost.JSON\n"
                                        "banyan_doctor_has spdlog 1 . 10 . 0\n"
                                        "banyan_doctor_has CLI11 CLI11_VERSION");
  const auto all = judge(std::optional{found});
  REQUIRE(all.size() == libraries().size());
  CHECK(named(all, "CAF").status == severity::ok);
  CHECK(named(all, "CAF").value == "0.17.6");
  CHECK(named(all, "Boost").status == severity::error);
  CHECK(named(all, "Boost").advice == "1.81.0 or later is needed: apt install libboost1.81-dev");
  CHECK(named(all, "Boost.JSON").status == severity::ok);
  CHECK(named(all, "spdlog").value == "1.10.0");
  CHECK(named(all, "CLI11").status == severity::ok);
  CHECK(named(all, "SQLite").status == severity::error);
  CHECK(named(all, "SQLite").advice == "apt install libsqlite3-dev");
  CHECK(named(all, "Catch2").status == severity::warning);
  CHECK(named(all, "Catch2").advice == "apt install catch2");
}

TEST_CASE("the number in CAF_VERSION of CAF 1.1.0 is none, so the text beside it counts") {
  const auto found = read_library_probe("banyan_doctor_has CAF \"1.1.0\"");
  CHECK(named(judge(std::optional{found}), "CAF").value == "1.1.0");
  CHECK_THAT(library_probe(), Catch::Contains("#ifdef CAF_VERSION_STR\nbanyan_doctor_has CAF CAF_VERSION_STR\n#else\n"
                                              "banyan_doctor_has CAF CAF_VERSION\n"));
}

TEST_CASE("a compiler that can not be asked says nothing of libraries") {
  const auto all = judge(std::optional<std::vector<library_facts>>{});
  REQUIRE(all.size() == 1);
  CHECK(all[0].status == severity::warning);
}

TEST_CASE("the libraries are those of conan/debian.txt and of the build") {
  auto list = content_of("conan/debian.txt");
  list = list.substr(list.find("# Libraries\n") + 12);
  list.resize(list.find("\n#"));
  std::istringstream words{list};
  std::set<std::string> wanted, known;
  for (std::string package; words >> package;) wanted.insert(package);
#ifndef BANYAN_WITH_TLS
  wanted.erase("libssl-dev");  // that engine alone needs it
#endif
  for (const auto& l : libraries())
    if (l.without == severity::error) known.insert(std::string{l.package});
  CHECK(known == wanted);

  const auto build = content_of("framework/cmake/dependencies.cmake");
  CHECK(build.find("\"CAF 0.17.6\"") != std::string::npos);
  CHECK(build.find("\"Boost 1.81 ") != std::string::npos);
  CHECK(build.find("\"OpenSSL 3\"") != std::string::npos);
  CHECK(content_of("CMakeLists.txt").find("cmake_minimum_required(VERSION 3.25)") != std::string::npos);
}

TEST_CASE("a library that is older than the one this program was built with is told") {
  const auto same = judge(std::vector<linked_facts>{{"SQLite", "3.40.1", "3.40.1"}, {"OpenSSL", "3.0.11", "3.0.19"}});
  CHECK(same.status == severity::ok);
  CHECK(same.value == "SQLite 3.40.1, OpenSSL 3.0.19 (built with 3.0.11)");
  const auto older = judge(std::vector<linked_facts>{{"SQLite", "3.40.1", "3.39.4"}});
  CHECK(older.status == severity::warning);
  CHECK(older.advice.ends_with(": SQLite"));
}

TEST_CASE("Banyan's CMake package is where it is found, or how it is installed is told") {
  CHECK(judge(package_facts{"/usr/lib/cmake/banyan/banyan-config.cmake"}).status == severity::ok);
  CHECK(judge(package_facts{}).status == severity::warning);
  CHECK(judge(package_facts{}).advice.find("libbanyan-dev") != std::string::npos);
}
