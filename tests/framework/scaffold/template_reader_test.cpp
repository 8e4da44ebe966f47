// Markers of the template: balanced, known, and each mistake told with its line.
#include <banyan/scaffold/template_reader.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::scaffold;

namespace {

template_file read(const std::string& text) { return read_template({{"a.cpp", text}}).value().front(); }

std::string mistakes(const std::string& text) {
  const auto read = read_template({{"a.cpp", text}});
  return read ? "" : read.error().message;
}

}  // namespace

TEST_CASE("a line has the conditions of all regions around it, and markers are no lines") {
  const auto file = read(
      "a\n// banyan: begin cqrs\nb\n  // banyan: begin http pub_sub\nc\n  // banyan: end http pub_sub\n// banyan: end "
      "cqrs\nd\n");
  REQUIRE(file.lines.size() == 4);
  CHECK(file.lines[0].kept_if.empty());
  CHECK(file.lines[1].kept_if == conditions{"cqrs"});
  CHECK(file.lines[2].kept_if == conditions{"cqrs", "http", "pub_sub"});
  CHECK(file.lines[3].kept_if.empty());
}

TEST_CASE("markers have the comment sign of their file") {
  for (const auto* text :
       {"# banyan: begin cqrs\nb\n# banyan: end cqrs\n", "; banyan: begin cqrs\nb\n; banyan: end cqrs\n",
        "<!-- banyan: begin cqrs -->\nb\n<!-- banyan: end cqrs -->\n"}) {
    CAPTURE(text);
    REQUIRE(read(text).lines.size() == 1);
    CHECK(read(text).lines[0].kept_if == conditions{"cqrs"});
  }
}

TEST_CASE("the first line may be a condition of the file") {
  const auto file = read("// banyan: file cqrs\na\n");
  CHECK(file.kept_if == conditions{"cqrs"});
  CHECK(file.lines.size() == 1);
}

TEST_CASE("a region with a negated condition loses its comment signs") {
  const auto file = read("// banyan: begin !http\n  // a;\n//   b;\n// banyan: end !http\n// c\n");
  CHECK(file.lines[0].text == "  a;");
  CHECK(file.lines[1].text == "  b;");
  CHECK(file.lines[2].text == "// c");
}

TEST_CASE("a line of code that begins with the namespace is no marker") {
  CHECK(read("banyan::plan p;\n// banyan::plan q;\n").lines.size() == 2);
}

TEST_CASE("each mistake of a marker is told with its line") {
  CHECK(mistakes("// banyan: begin cqrs\n") == "a.cpp:1: the region \"cqrs\" has no end");
  CHECK(mistakes("a\n// banyan: end cqrs\n") == "a.cpp:2: the end of \"cqrs\" has no begin");
  CHECK(mistakes("// banyan: begin cqrs\n// banyan: end http\n") ==
        "a.cpp:2: the end of \"http\" stands where \"cqrs\" of line 1 is open");
  CHECK(mistakes("// banyan: begin cqrs\n// banyan: begin http\n// banyan: end cqrs\n// banyan: end http\n")
            .find("a.cpp:3: ") == 0);
  CHECK(mistakes("// banyan: begin kitchen\n// banyan: end kitchen\n").find("no condition is called \"kitchen\"") !=
        std::string::npos);
  CHECK(mistakes("// banyan: bgin cqrs\n").find("not \"banyan: bgin\"") != std::string::npos);
  CHECK(mistakes("// banyan: \n").find("not \"banyan: \"") != std::string::npos);
  CHECK(mistakes("// banyan: begin\n// banyan: end\n").find("names no condition") != std::string::npos);
  CHECK(mistakes("a\n// banyan: file cqrs\n").find("first line") != std::string::npos);
  CHECK(mistakes("// banyan: begin cqrs\n// banyan: end http\n# banyan: end cqrs\n").find('\n') != std::string::npos);
}
