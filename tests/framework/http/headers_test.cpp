#include <banyan/http/headers.hpp>

#include <catch2/catch.hpp>

using namespace banyan;

TEST_CASE("header names are found without regard to case and keep their order", "[http]") {
  header_list h{{"Content-Type", "text/plain"}, {"X-A", "1"}};
  h.add("x-a", "2");
  REQUIRE(h.find("content-TYPE") != nullptr);
  CHECK(*h.find("content-TYPE") == "text/plain");
  CHECK(h.get("X-a") == "1");
  CHECK(h.count("x-A") == 2);
  CHECK(h.get("absent").empty());
  CHECK(h.begin()->name == "Content-Type");
}

TEST_CASE("set replaces every field of that name, remove takes them all", "[http]") {
  header_list h{{"A", "1"}, {"B", "2"}, {"a", "3"}};
  h.set("A", "4");
  CHECK(h.count("a") == 1);
  CHECK(h.get("a") == "4");
  h.remove("b");
  CHECK(h.size() == 1);
}

TEST_CASE("a token is found in comma lists over several fields", "[http]") {
  const header_list h{{"Connection", "keep-alive ,  Upgrade"}, {"Connection", "\tclose"}};
  CHECK(h.has_token("connection", "upgrade"));
  CHECK(h.has_token("connection", "CLOSE"));
  CHECK_FALSE(h.has_token("connection", "keep"));
  CHECK_FALSE(h.has_token("other", "close"));
}

TEST_CASE("what may end a line is neither a token nor a field value", "[http]") {
  CHECK(is_token("X-Banyan_1"));
  CHECK_FALSE(is_token(""));
  CHECK_FALSE(is_token("a b"));
  CHECK_FALSE(is_token("a:"));
  CHECK(is_field_value("text\twith tab and \xc3\xa9"));
  CHECK_FALSE(is_field_value("a\r\nb"));
  CHECK_FALSE(is_field_value(std::string_view{"a\0b", 3}));
  CHECK_FALSE(is_field_value("\x7f"));
}
