// What a flat list of assignments keeps of arrays. (Everything else is tested where it is used: runtime/configuration_test.cpp.)
#include <banyan/configuration/toml.hpp>

#include <catch2/catch.hpp>

using namespace banyan;

namespace {

std::string lines_of(std::string_view text) {
  std::vector<problem> problems;
  std::string out;
  for (const auto& a : read_toml("f.toml", text, problems)) {
    out += a.origin + " " + a.path + " = " + a.value;
    for (const auto& t : a.texts) out += " <" + t + ">";
    out += "\n";
  }
  for (const auto& p : problems) out += p.where + ": " + p.sentence + "\n";
  return out;
}

}  // namespace

TEST_CASE("each table of an array of tables is an element with its own line, also an empty one") {
  CHECK(lines_of(R"(
[[program]]
name = "a"
[program.environment]
HOME = "/"

[[program]]

[[program]]
name = "c"
)") == R"(f.toml:2 program[0] = a table
f.toml:3 program[0].name = a
f.toml:5 program[0].environment.HOME = /
f.toml:7 program[1] = a table
f.toml:9 program[2] = a table
f.toml:10 program[2].name = c
)");
}

TEST_CASE("an array of texts keeps them, any other array is only an array") {
  CHECK(lines_of("a = ['x', 'y z']\nb = ['x', 1]\nc = [[]]\nd = []\ne = [{n = 1}, 2]") == R"(f.toml:1 a = an array <x> <y z>
f.toml:2 b = an array
f.toml:3 c = an array
f.toml:4 d = an array
f.toml:5 e = an array
)");
}
