// Lists that are longer than one answer: a customer's orders, the stock report.
#include "../shop_world.hpp"

#include <string>
#include <vector>

using namespace banyan;
using shop_test::line_of;
using shop_test::shop_world;

namespace {

// The values of `member` in the `list`s of all pages, in order; a page has `limit` of them but the last.
std::vector<std::string> all_pages(shop_world& w, const std::string& path, const char* list, const char* member, std::size_t limit) {
  std::vector<std::string> all;
  for (std::string after;;) {
    auto r = w.send("GET", path + "?limit=" + std::to_string(limit) + (after.empty() ? "" : "&after=" + after));
    REQUIRE(r.status == 200);
    auto page = parse_json(r.body).value();
    auto& entries = page.at(list).as_array();
    for (auto& e : entries) all.emplace_back(e.at(member).as_string());
    const auto* next = page.as_object().if_contains("next");
    if (!next || next->is_null()) return all;
    REQUIRE(entries.size() == limit);
    after = std::string{next->as_string()};
  }
}

}  // namespace

TEST_CASE("a customer's orders come newest first, page by page, each once") {
  shop_world w;
  w.list("A");
  w.receive("A", 100);
  w.settle();
  for (auto* id : {"c1", "c2"}) REQUIRE(w.send("PUT", std::string{"/customers/"} + id, R"({"name":"somebody"})").status == 200);
  for (int i = 0; i < 7; ++i) {
    const auto id = "o" + std::to_string(i);
    // Three at the same instant: they are told apart by their ids.
    const auto placed_at = "2011-01-0" + std::to_string(i < 3 ? 1 : i) + "T10:00:00Z";
    REQUIRE(w.send("POST", "/orders", R"({"id":")" + id + R"(","customer":")" + (i == 5 ? "c2" : "c1") + R"(","placed_at":")" + placed_at +
                                          R"(","lines":[)" + line_of(1, "A", 1, "1.00") + "]}").status == 201);
  }
  w.settle();
  const std::vector<std::string> newest_first{"o6", "o4", "o3", "o0", "o1", "o2"};
  for (std::size_t limit : {1u, 2u, 3u, 4u, 6u, 50u}) {
    CAPTURE(limit);
    CHECK(all_pages(w, "/customers/c1/orders", "orders", "id", limit) == newest_first);
  }
  for (auto* nothing : {"o5", "unknown"}) {  // another's, nobody's: nothing comes after it
    auto r = w.send("GET", std::string{"/customers/c1/orders?after="} + nothing);
    CHECK(r.status == 200);
    CHECK(parse_json(r.body).value().at("orders").as_array().empty());
  }
}

TEST_CASE("the stock report comes by SKU, page by page") {
  shop_world w;
  std::vector<std::string> skus;
  for (int i = 10; i < 17; ++i) {
    skus.push_back("S" + std::to_string(i));
    w.list(skus.back());
    w.receive(skus.back(), i);
  }
  w.settle();
  for (std::size_t limit : {1u, 3u, 6u, 7u, 5000u}) {
    CAPTURE(limit);
    CHECK(all_pages(w, "/reports/stock", "skus", "sku", limit) == skus);
  }
  CHECK(w.send("GET", "/reports/stock?limit=0").status == 400);
  CHECK(w.send("GET", "/reports/stock?limit=5001").status == 400);
}
