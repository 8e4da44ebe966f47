// The whole shop in simulation, and somebody who talks to it over its HTTP API: for what several services do together.
#pragma once

#include <tests/services/the_shop.hpp>

#include <shop/books.hpp>

#include <banyan/core/json.hpp>
#include <banyan/test_kit/world.hpp>

#include <catch2/catch.hpp>

#include <boost/json.hpp>

#include <optional>
#include <string>

namespace shop_test {

struct shop_world : banyan::test_kit::world {
  explicit shop_world(std::uint64_t seed = 1) : world{the_shop(), {.seed = seed}} {}

  acquirer_book acquirer;

  void list(const std::string& sku, bool stocked = true, int pence = 255) {
    auto put = send("PUT", "/products/" + sku,
                    R"({"name":"thing","price":{"minor":)" + std::to_string(pence) + R"(,"currency":"GBP"},"stocked":)" +
                        (stocked ? "true}" : "false}"));
    REQUIRE(put.status == 200);
  }
  void receive(const std::string& sku, std::int64_t quantity, const std::string& id = "opening") {
    auto body = R"({"id":")" + id + R"(","kind":"receipt","quantity":)" + std::to_string(quantity) + "}";
    REQUIRE(send("POST", "/stock/" + sku + "/movements", body).status == 200);
  }

  std::string status_of(const std::string& order) { return text_of(send("GET", "/orders/" + order), "status"); }
  std::int64_t on_hand(const std::string& sku) {
    auto r = send("GET", "/stock/" + sku);
    return r.status == 200 ? banyan::parse_json(r.body).value().at("on_hand").as_int64() : -1;  // -1: no stock is kept
  }
  static std::string text_of(const banyan::http_response& r, const char* member) {
    auto document = banyan::parse_json(r.body).value();
    auto* found = document.is_object() ? document.as_object().if_contains(member) : nullptr;
    return found && found->is_string() ? std::string{found->as_string()} : std::string{};
  }

  // The books, from everything that is in the journal.
  shop::books books() {
    shop::books all;
    for (bool more = true; more;) {
      std::optional<banyan::read_page> page;
      simulation.journal().read_all({all.head(), 1000},
                                    [&](banyan::result<banyan::read_page> r) { page = std::move(r.value()); });
      while (!page && simulation.step()) {
      }
      for (auto& e : page->events) all.apply(e);
      more = !page->at_end;
    }
    return all;
  }
  // What must hold whatever happened before: no law of the books is broken, and nothing is left half done.
  void check_books() {
    settle();
    auto b = books();
    CHECK(b.faults() == std::vector<std::string>{});
    CHECK(b.open_orders() == 0);
  }
};

inline std::string order_of(const std::string& id, const std::string& lines) { return R"({"id":")" + id + R"(","lines":[)" + lines + "]}"; }
inline std::string line_of(int number, const std::string& sku, std::int64_t quantity, const std::string& price = {}) {
  return R"({"line":)" + std::to_string(number) + R"(,"sku":")" + sku + R"(","quantity":)" + std::to_string(quantity) +
         (price.empty() ? "}" : R"(,"unit_price":")" + price + "\"}");
}

}  // namespace shop_test
