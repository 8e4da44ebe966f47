#include <banyan/journal/category.hpp>

#include <catch2/catch.hpp>

using namespace banyan;

TEST_CASE("a stream is in the journal that stands before its first dash, as a whole") {
  CHECK(category_of("orders-7") == "orders");
  CHECK(category_of("orders-eu-7") == "orders");
  CHECK(category_of("orders-") == "orders");
  CHECK(category_of("orders").empty());
  CHECK(category_of("-7").empty());
  CHECK(category_of("").empty());
  CHECK(is_in_journal("orders-7", "orders"));
  CHECK(is_in_journal("orders-eu-7", "orders"));
  for (auto* journal : {"order", "orders-", "orders-eu", "ordersx", "Orders", ""}) CHECK_FALSE(is_in_journal("orders-eu-7", journal));
  CHECK_FALSE(is_in_journal("orders-", "orders"));
  CHECK_FALSE(is_in_journal("orders", "orders"));
  CHECK_FALSE(is_in_journal("-7", ""));
  CHECK(is_journal_name("orders"));
  for (auto* name : {"", "-", "orders-eu", "orders-"}) CHECK_FALSE(is_journal_name(name));
}
