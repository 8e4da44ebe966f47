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

namespace {

std::string dots(int n) {
  std::string out;
  for (int i = 0; i < n; ++i) out += "a.";
  return out + "a";
}
const std::string too_deep = ": a key with more than 32 dots: nested too deep\n";

}  // namespace

TEST_CASE("dots in texts, comments and numbers nest nothing") {
  const auto many = dots(200);
  CHECK(lines_of("x = \"" + many + "\" # " + many) == "f.toml:1 x = " + many + "\n");
  CHECK(lines_of("x = '" + many + "'") == "f.toml:1 x = " + many + "\n");
  CHECK(lines_of("x = '''" + many + "'''") == "f.toml:1 x = " + many + "\n");
  CHECK(lines_of("x = \"\"\"" + many + "\"\"\"") == "f.toml:1 x = " + many + "\n");
  CHECK(lines_of("# " + many + " \"\nx = 'y' # it's " + many) == "f.toml:2 x = y\n");
  CHECK(lines_of("\"" + many + "\" = 1") == "f.toml:1 " + many + " = 1\n");
  CHECK(lines_of("['" + many + "']\nx = 1") == "f.toml:2 " + many + ".x = 1\n");
  std::string numbers;
  for (int i = 0; i < 100; ++i) numbers += "1.5, ";
  CHECK(lines_of("x = [" + numbers + "]") == "f.toml:1 x = an array\n");
  CHECK(lines_of("x = ['" + many + "', \"" + many + "\"]") == "f.toml:1 x = an array <" + many + "> <" + many + ">\n");
  CHECK(lines_of(dots(32) + " = 1") == "f.toml:1 " + dots(32) + " = 1\n");
}

TEST_CASE("escapes and quotes at the ends of texts hide no key, and no text is taken for one") {
  const auto many = dots(200), deep = dots(33);
  CHECK(lines_of("x = \"\\\"" + many + "\"") == "f.toml:1 x = \"" + many + "\n");
  CHECK(lines_of("x = \"\\\\\"\n" + deep + " = 1") == "f.toml:2" + too_deep);
  CHECK(lines_of("x = '\\'\n" + deep + " = 1") == "f.toml:2" + too_deep);
  CHECK(lines_of("x = ''\n" + deep + " = 1") == "f.toml:2" + too_deep);
  CHECK(lines_of("x = ''''a'''''\n" + deep + " = 1") == "f.toml:2" + too_deep);
  CHECK(lines_of("x = \"\"\"\"a\"\"\"\"\"\n" + deep + " = 1") == "f.toml:2" + too_deep);
  CHECK(lines_of("x = \"\"\"\\\"\"\\\"" + many + "\"\"\"") == "f.toml:1 x = \"\"\"" + many + "\n");
  CHECK(lines_of("x = \"\"\"\n\n" + many + "\n\"\"\"\n" + deep + " = 1") == "f.toml:5" + too_deep);
  CHECK(lines_of("x = 1 # it's\n" + deep + " = 1") == "f.toml:2" + too_deep);
}

TEST_CASE("a key that nests too deep is refused wherever it stands") {
  const auto deep = dots(33);
  CHECK(lines_of(deep + " = 1") == "f.toml:1" + too_deep);
  CHECK(lines_of("\n[" + deep + "]") == "f.toml:2" + too_deep);
  CHECK(lines_of("[[" + deep + "]]") == "f.toml:1" + too_deep);
  CHECK(lines_of("x = { y = 1, " + deep + " = 1 }") == "f.toml:1" + too_deep);
  std::string quoted, spaced;
  for (int i = 0; i < 34; ++i) quoted += i % 2 == 0 ? "\"a\"." : "'a'.", spaced += "a \t. ";
  CHECK(lines_of(quoted + "a = 1") == "f.toml:1" + too_deep);
  CHECK(lines_of(spaced + "a = 1") == "f.toml:1" + too_deep);
  std::string huge;
  for (int i = 0; i < 100'000; ++i) huge += "a.";
  CHECK(lines_of(huge + "a = 1") == "f.toml:1" + too_deep);  // toml++ alone would overflow the stack
}

TEST_CASE("a table with nothing in it is told, one with something is a prefix") {
  CHECK(lines_of("[a]\n[b]\nx = 1\n[b.c]\n[d.e]\n") ==
        "f.toml:1 a = a table\nf.toml:3 b.x = 1\nf.toml:4 b.c = a table\nf.toml:5 d.e = a table\n");
  CHECK(lines_of("x = {}") == "f.toml:1 x = a table\n");
}

TEST_CASE("a number that does not fit is not quoted: it may be a secret without its quotes") {
  CHECK(lines_of("x = 27182818284590452353").find("decimal integer: the number is not representable in 64 bits") !=
        std::string::npos);
  for (const std::string bad : {"x = 27182818284590452353", "x = 0x2718281828459045235360", "x = 271828e9999"})
    CHECK(lines_of(bad).find("271828") == std::string::npos);
}

TEST_CASE("a syntax error is told with line and column") {
  CHECK(lines_of("x = 1\ny = yes\n").starts_with("f.toml:2:"));
  CHECK_FALSE(lines_of("x = 1\ny = yes\n").starts_with("f.toml:2: "));
}
