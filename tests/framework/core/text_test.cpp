#include <banyan/core/text.hpp>

#include <catch2/catch.hpp>

using namespace banyan;

TEST_CASE("what others wrote can not steer a terminal") {
  CHECK(printable("plain, caf\xc3\xa9, \xc2\xa3") == "plain, caf\xc3\xa9, \xc2\xa3");
  CHECK(printable("\x1b[2J\r\n\t\x7f") == "?[2J????");
  CHECK(printable("a\xc2\x9b" "2Jb\xc2\x80\xc2") == "a?2Jb?\xc2");  // U+009B begins a control sequence, too
  CHECK(printable(std::string{"\0x", 2}) == "?x");
}

TEST_CASE("the items of a list stand between commas and spaces, and none is empty") {
  using items = std::vector<std::string_view>;
  CHECK(list_items("a,b") == items{"a", "b"});
  CHECK(list_items(" a , b  c,,") == items{"a", "b", "c"});
  CHECK(list_items("shop.example") == items{"shop.example"});
  CHECK(list_items("").empty());
  CHECK(list_items(" , ,").empty());
}
