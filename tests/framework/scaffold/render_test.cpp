// Regions and names, in a small template.
#include <banyan/scaffold/render.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::scaffold;

namespace {

answers with(std::string_view patterns, bool http = false) {
  answers a;
  a.names = {"shop", "orders", "order", "stock", "stock_item"};
  a.patterns = parse_patterns(patterns).value();
  a.http = http;
  return a;
}

std::string rendered(const std::string& text, const answers& a) {
  const auto files = render_service(read_template({{"services/moorings/a.cpp", text}}).value(), a);
  return files.empty() ? "(none)" : files.front().text;
}

}  // namespace

TEST_CASE("a region is kept when all its conditions hold") {
  const std::string text = "// banyan: begin cqrs http\nmooring\n// banyan: end cqrs http\nend\n";
  CHECK(rendered(text, with("cqrs", true)) == "order\nend\n");
  CHECK(rendered(text, with("cqrs", false)) == "end\n");
  CHECK(rendered(text, with("pub_sub", true)) == "end\n");
}

TEST_CASE("a negated region is kept when its condition does not hold") {
  const std::string text = "// banyan: begin !http\n// a\n// banyan: end !http\nend\n";
  CHECK(rendered(text, with("", false)) == "a\nend\n");
  CHECK(rendered(text, with("", true)) == "end\n");
}

TEST_CASE("what is for the template alone is never kept, and a file may have a condition") {
  CHECK(rendered("// banyan: begin template\na\n// banyan: end template\nb\n", with("cqrs")) == "b\n");
  CHECK(rendered("// banyan: file cqrs\na\n", with("cqrs")) == "a\n");
  CHECK(rendered("// banyan: file cqrs\na\n", with("ambassador")) == "(none)");
}

TEST_CASE("a dropped region leaves no empty lines behind") {
  CHECK(rendered("a\n\n// banyan: begin cqrs\nb\n\n// banyan: end cqrs\nc\n", with("")) == "a\n\nc\n");
  CHECK(rendered("a\n\n// banyan: begin cqrs\nb\n// banyan: end cqrs\n\nc\n", with("")) == "a\n\nc\n");
  CHECK(rendered("a\n\n// banyan: begin cqrs\nb\n// banyan: end cqrs\n", with("")) == "a\n");
}

TEST_CASE("the application's files have no service, and a service's lines in them are fragments") {
  const auto from =
      read_template({{"app/list.cpp", "first\n// banyan: begin service\nadd(moorings)\n// banyan: end service\nlast\n"},
                     {"services/moorings/mooring.cpp", "mooring\n"}})
          .value();
  const auto application = render_application(from, "shop");
  REQUIRE(application.size() == 1);
  CHECK(application[0] == text_file{"app/list.cpp", "first\nlast\n"});
  const auto service = render_service(from, with(""));
  REQUIRE(service.size() == 1);
  CHECK(service[0] == text_file{"services/orders/order.cpp", "order\n"});
  const auto fragments = render_fragments(from, with(""));
  REQUIRE(fragments.size() == 1);
  CHECK(fragments[0].path == "app/list.cpp");
  CHECK(fragments[0].text == "add(orders)\n");
  CHECK(fragments[0].behind == "first");
  CHECK_FALSE(fragments[0].apart);
  const auto apart =
      read_template({{"a", "first\n\n// banyan: begin service\nadd(moorings)\n// banyan: end service\n"}}).value();
  CHECK(render_fragments(apart, with(""))[0].behind == "first");
  CHECK(render_fragments(apart, with(""))[0].apart);
}
