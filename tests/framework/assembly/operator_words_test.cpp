// What an operator's word asks, and how a page of lines is shown.
#include <banyan/assembly/operator_lines.hpp>

#include <boost/describe.hpp>
#include <catch2/catch.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

using namespace banyan;

namespace {

struct parked_line {
  std::string view, stream;
  std::int64_t position = 0;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(parked_line, (), (view, stream, position, reason))

struct parked_page {
  std::vector<parked_line> parked;
};

}  // namespace

TEST_CASE("what a word asks has its values percent-encoded, and no parameter that is empty") {
  operator_arguments with;
  with.set("view", "a/b ?");
  with.set("--limit", "10");
  with.set("--topic", "");
  CHECK(operator_target("/parked/{view}/replay", with) == "/parked/a%2Fb%20%3F/replay");
  CHECK(operator_target("/letters?limit={--limit}&topic={--topic}&group={--group}", with) == "/letters?limit=10");
  CHECK(operator_target("/letters?topic={--topic}&limit={--limit}", with) == "/letters?limit=10");
  CHECK(operator_target("/letters/{view}?topic={--topic}", with) == "/letters/a%2Fb%20%3F");
}

TEST_CASE("a page's lines are a table whose columns are as wide as what is in them, or each a JSON text") {
  operator_arguments with;
  with.set("--json", "");
  const auto page = std::make_unique<parked_page>();
  const auto shown = [&] {
    auto text = show_lines(with, page->parked, {"VIEW", "STREAM", "POSITION", "REASON"}, [](const auto& p) {
      return std::vector{p.view, p.stream, std::to_string(p.position), p.reason};
    });
    return text.out;
  };
  CHECK(shown().empty());
  page->parked = {{"order_book", "orders-7", 12, "no\tgood"}, {"sales", "orders-536365", 7, "unreadable"}};
  CHECK(shown() ==
        "VIEW        STREAM         POSITION  REASON\n"
        "order_book  orders-7       12        no?good\n"
        "sales       orders-536365  7         unreadable\n");
  with.set("--json", "true");
  page->parked.pop_back();
  CHECK(shown() == R"({"view":"order_book","stream":"orders-7","position":12,"reason":"no\tgood"})" "\n");
}
