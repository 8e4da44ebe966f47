// Pieces of another rendering, inserted into a file that people have edited.
#include <banyan/scaffold/pieces.hpp>

#include <catch2/catch.hpp>

using namespace banyan::scaffold;

namespace {

const std::string base =
    "#include <a.hpp>\n"
    "\n"
    "service(\n"
    "    // One.\n"
    "    one{.x = 1},\n"
    "    // Last.\n"
    "    last{});\n";
const std::string wanted =
    "#include <a.hpp>\n"
    "#include <two.hpp>\n"
    "\n"
    "service(\n"
    "    // One.\n"
    "    one{.x = 1},\n"
    "    // Two.\n"
    "    two{.y = 2},\n"
    "    // Last.\n"
    "    last{});\n";

std::string outcomes(const pieces& p) {
  std::string all;
  for (const auto& piece : p.all)
    all += piece.what == wired::inserted ? '+' : piece.what == wired::no_place ? '!' : '=';
  return all;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  return text.replace(text.find(what), what.size(), by);
}

}  // namespace

TEST_CASE("a file as it was made becomes what is wanted, and then has all pieces") {
  const auto once = insert_pieces(base, wanted, base, true);
  CHECK(once.text == wanted);
  CHECK(outcomes(once) == "++");
  CHECK(once.all[1].lines == "    // Two.\n    two{.y = 2},\n");
  const auto twice = insert_pieces(base, wanted, wanted, true);
  CHECK(twice.text == wanted);
  CHECK(outcomes(twice) == "==");
}

TEST_CASE("a piece goes beside the neighbour that is as it was made, and edits stay") {
  const auto edited = replaced(base, "one{.x = 1}", "one{.x = 7}");
  CHECK(insert_pieces(base, wanted, edited, true).text == replaced(wanted, "one{.x = 1}", "one{.x = 7}"));
  const auto other = replaced(base, "    // Last.\n    last{}", "    mine{}");
  CHECK(insert_pieces(base, wanted, other, true).text == replaced(wanted, "    // Last.\n    last{}", "    mine{}"));
}

TEST_CASE("a piece without a neighbour is not inserted") {
  const auto edited = replaced(replaced(base, "one{.x = 1}", "one{.x = 7}"), "    // Last.\n    last{}", "    mine{}");
  const auto done = insert_pieces(base, wanted, edited, true);
  CHECK(outcomes(done) == "+!");
  CHECK(done.text == replaced(edited, "<a.hpp>\n", "<a.hpp>\n#include <two.hpp>\n"));
}

TEST_CASE("a piece that people changed is there, and one that is there in part has no place") {
  CHECK(outcomes(insert_pieces(base, wanted, replaced(wanted, ".y = 2", ".y = 3"), true)) == "==");
  const auto more = replaced(wanted, "two{.y = 2},\n", "two{.y = 2},\n    three{},\n");
  const auto half = insert_pieces(base, more, wanted, true);
  CHECK(outcomes(half) == "=!");
  CHECK(half.text == wanted);
}

TEST_CASE("a macro that people use for something else is not the piece") {
  const auto done = insert_pieces("a\n", "a\nDESCRIBE(two, (y))\n", "a\nDESCRIBE(mine, (x))\n", true);
  CHECK(done.text == "a\nDESCRIBE(two, (y))\nDESCRIBE(mine, (x))\n");
}

TEST_CASE("without inserting, what is missing has no place") {
  const auto done = insert_pieces(base, wanted, base, false);
  CHECK(done.text == base);
  CHECK(outcomes(done) == "!!");
}

TEST_CASE("a table of the configuration that is in use is there") {
  CHECK(outcomes(insert_pieces("# x = 1\n", "# x = 1\n\n# [two.sharded]\n# y = 2\n", "x = 1\n\n[two.sharded]\ny = 3\n",
                               true)) == "=");
}

TEST_CASE("lines that give way to others are replaced as they were made, or not at all") {
  const auto done = insert_pieces("a\nold\nb\n", "a\nnew\nb\n", "a\nold\nb\nmine\n", true);
  CHECK(done.text == "a\nnew\nb\nmine\n");
  CHECK(outcomes(done) == "+");
  const auto edited = insert_pieces("a\nold\nb\n", "a\nnew\nb\n", "a\nmine\nb\n", true);
  CHECK(edited.text == "a\nmine\nb\n");
  CHECK(outcomes(edited) == "!");
}

TEST_CASE("a last line without an end keeps its text") {
  CHECK(insert_pieces("a\n", "a\nb\n", "a\nmine", true).text == "a\nb\nmine");
}
