// Which configuration files are read, and which must be there.
#include <banyan/configuration/sources.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

using namespace banyan;

namespace {

struct configuration_folder {
  std::string path = (std::filesystem::temp_directory_path() / "banyan-sources-XXXXXX").string();
  configuration_folder() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
  ~configuration_folder() { std::filesystem::remove_all(path); }

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream{path + "/" + name} << text;
    return path + "/" + name;
  }
};

}  // namespace

TEST_CASE("the default file is read while it is there; a named one must be there") {
  const configuration_folder in;
  const auto usual = in.path + "/shop.toml";
  std::vector<problem> problems;
  CHECK(read_configuration_files({}, usual, problems).empty());
  in.write("shop.toml", "threads = 1");
  const auto found = read_configuration_files({}, usual, problems);
  REQUIRE(found.size() == 1);
  CHECK(found.front().name == usual);
  CHECK(found.front().text == "threads = 1");
  std::filesystem::remove(usual);
  CHECK(read_configuration_files({}, usual, problems).empty());
  CHECK(problems.empty());

  CHECK(read_configuration_files({usual}, usual, problems).empty());
  REQUIRE(problems.size() == 1);
  CHECK(problems.front().where == usual);
  CHECK(problems.front().sentence == "there is no file " + usual);
}

TEST_CASE("named files are read in their order, without the default one; one that can not be read is a problem") {
  const configuration_folder in;
  const auto usual = in.write("shop.toml", "threads = 1");
  const auto a = in.write("a.toml", "threads = 2"), b = in.write("b.toml", "threads = 3");
  std::vector<problem> problems;
  const auto found = read_configuration_files({b, in.path, a}, usual, problems);
  REQUIRE(found.size() == 2);
  CHECK(found[0].name == b);
  CHECK(found[1].name == a);
  REQUIRE(problems.size() == 1);
  CHECK(problems.front().sentence == in.path + " is not a file");
  problems.clear();
  CHECK(read_configuration_files({}, in.path, problems).empty());  // a folder of the default name
  CHECK(problems.size() == 1);
}
