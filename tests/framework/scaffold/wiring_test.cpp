// Lines that are added to files which people have edited.
#include <banyan/scaffold/wiring.hpp>

#include <catch2/catch.hpp>

using namespace banyan::scaffold;

namespace {

fragment line(std::string text, std::string behind = "", bool apart = false) {
  return {"f", std::move(text), std::move(behind), apart};
}

}  // namespace

TEST_CASE("a line goes among its siblings, in alphabetical order, and keeps the file's others") {
  const std::string text = "# mine\nadd_subdirectory(beds)\nadd_subdirectory(rugs)\n# the end\n";
  CHECK(wire(text, line("add_subdirectory(lamps)\n"), "lamps").text ==
        "# mine\nadd_subdirectory(beds)\nadd_subdirectory(lamps)\nadd_subdirectory(rugs)\n# the end\n");
  CHECK(wire(text, line("add_subdirectory(arks)\n"), "arks").text ==
        "# mine\nadd_subdirectory(arks)\nadd_subdirectory(beds)\nadd_subdirectory(rugs)\n# the end\n");
  CHECK(wire(text, line("add_subdirectory(tubs)\n"), "tubs").text ==
        "# mine\nadd_subdirectory(beds)\nadd_subdirectory(rugs)\nadd_subdirectory(tubs)\n# the end\n");
}

TEST_CASE("without siblings a line goes behind its line in the template") {
  const auto added = wire("a {\n  first;\n}\n", line("  second;\n", "  first;"), "second");
  CHECK(added.what == wired::inserted);
  CHECK(added.text == "a {\n  first;\n  second;\n}\n");
}

TEST_CASE("a line that stands apart in the template has empty lines around it") {
  const auto apart = line("add(x)\n", "first;", true);
  CHECK(wire("first;\n", apart, "x").text == "first;\n\nadd(x)\n");
  CHECK(wire("first;\n\nlast;\n", apart, "x").text == "first;\n\nadd(x)\n\nlast;\n");
  CHECK(wire("first;\nlast;\n", apart, "x").text == "first;\n\nadd(x)\n\nlast;\n");
}

TEST_CASE("what is there is not added again, also when it is indented otherwise") {
  const std::string text = "    add_subdirectory(beds)\n";
  const auto again = wire(text, line("add_subdirectory(beds)\n"), "beds");
  CHECK(again.what == wired::already_there);
  CHECK(again.text == text);
}

TEST_CASE("a file without a place for a line stays as it is") {
  const auto nowhere = wire("b\n", line("  second;\n", "  first;"), "second");
  CHECK(nowhere.what == wired::no_place);
  CHECK(nowhere.text == "b\n");
}

TEST_CASE("several lines are appended, behind an empty line") {
  CHECK(wire("a\n", line("b\nc\n"), "b").text == "a\n\nb\nc\n");
  CHECK(wire("a", line("b\nc\n"), "b").text == "a\n\nb\nc\n");
  CHECK(wire("a\nb\n", line("b\nc\n"), "b").what == wired::already_there);
}
