// What orders, catalog and inventory do together: goods leave the stock exactly when an order that is stocked is confirmed.
#include "../shop_world.hpp"

#include <services/orders/events.hpp>

#include <banyan/saga/record.hpp>
#include <banyan/simulation/persistent_clients.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

using namespace banyan;
using namespace std::chrono_literals;
using shop_test::line_of;
using shop_test::order_of;
using shop_test::shop_world;

TEST_CASE("an order of what inventory has not heard of is never confirmed without its goods") {
  shop_world w;
  w.list("NEW");
  // The catalog shows it, inventory's news is a journal batch away: no waiting here.
  CHECK(w.send("POST", "/orders", order_of("1", line_of(1, "NEW", 2, "1.00"))).status == 201);
  w.settle();
  CHECK(w.status_of("1") == "cancelled");
  CHECK(shop_world::text_of(w.send("GET", "/orders/1"), "cancel_reason") == "out_of_stock");
  w.check_books();
}

TEST_CASE("goods that were received are sold, whether or not inventory has heard of the product") {
  shop_world w;
  w.receive("NEW", 5);
  CHECK(w.send("POST", "/orders", order_of("1", line_of(1, "NEW", 2, "1.00"))).status == 201);
  w.list("NEW");
  w.settle();
  CHECK(w.status_of("1") == "confirmed");
  CHECK(w.on_hand("NEW") == 3);
  w.check_books();
}

TEST_CASE("an unknown SKU is rejected without a price, and goods with one") {
  shop_world w;
  w.list("KNOWN");
  w.receive("KNOWN", 5);
  w.settle();
  auto mixed = w.send("POST", "/orders", order_of("1", line_of(1, "KNOWN", 2) + "," + line_of(2, "NOBODY", 1)));
  CHECK(mixed.status == 201);
  CHECK(parse_json(mixed.body).value().at("rejected") == parse_json(R"([{"line":2,"reason":"unknown_sku","value_minor":0}])").value());
  CHECK(w.send("POST", "/orders", order_of("2", line_of(1, "NOBODY", 1, "1.00"))).status == 201);
  w.settle();
  CHECK(w.status_of("1") == "confirmed");
  CHECK(w.status_of("2") == "cancelled");
  w.check_books();
}

TEST_CASE("what has no stock never concerns the inventory") {
  shop_world w;
  for (auto* sku : {"POST", "BANK%20CHARGES"}) w.list(sku, false);
  w.settle();
  auto lines = line_of(1, "POST", 1, "18.00") + "," + line_of(2, "BANK CHARGES", 1, "15.00") + "," + line_of(3, "POST", -1, "1.00") + "," +
               line_of(4, "POST", 1);
  CHECK(w.send("POST", "/orders", order_of("1", lines)).status == 201);
  w.settle();
  CHECK(w.status_of("1") == "confirmed");
  CHECK(w.on_hand("POST") == -1);
  CHECK(w.send("POST", "/orders/1/cancel", "{}").status == 200);
  w.settle();
  CHECK(w.on_hand("POST") == -1);
  w.check_books();
  CHECK(w.books().stock().at("POST") == shop::stock_sums{0, 0, 0, false});
}

TEST_CASE("a service that becomes goods later does not move for an order of before") {
  shop_world w;
  w.list("GIFT", false);
  w.settle();
  w.send("POST", "/orders", order_of("1", line_of(1, "GIFT", 1)));
  w.settle();
  w.list("GIFT", true);
  w.receive("GIFT", 3);
  w.settle();
  CHECK(w.send("POST", "/orders/1/cancel", "{}").status == 200);
  w.settle();
  CHECK(w.on_hand("GIFT") == 3);
  w.check_books();
}

TEST_CASE("goods come back, also those that inventory has not heard of, and can be sold again") {
  shop_world w;
  w.list("OLD");
  CHECK(w.send("POST", "/orders", R"({"id":"C1","kind":"return","lines":[)" + line_of(1, "OLD", -2, "1.00") + "]}").status == 201);
  w.settle();
  CHECK(w.status_of("C1") == "confirmed");
  CHECK(w.on_hand("OLD") == 2);
  w.send("POST", "/orders", order_of("1", line_of(1, "OLD", 2)));
  w.settle();
  CHECK(w.on_hand("OLD") == 0);
  auto refused = w.send("POST", "/orders/C1/cancel", "{}");
  CHECK(refused.status == 422);
  CHECK(shop_world::text_of(refused, "reason") == "goods_came_back");
  w.check_books();
}

TEST_CASE("the kind of an order is a word, the sign of a quantity moves goods") {
  shop_world w;
  w.list("A");
  w.receive("A", 5);
  w.settle();
  CHECK(w.send("POST", "/orders", R"({"id":"C1","kind":"return","lines":[)" + line_of(1, "A", 2) + "]}").status == 201);
  CHECK(w.send("POST", "/orders", order_of("2", line_of(1, "A", -1))).status == 201);
  CHECK(w.send("POST", "/orders", R"({"id":"3","kind":"gift","lines":[)" + line_of(1, "A", 2) + "]}").status == 400);
  w.settle();
  CHECK(w.on_hand("A") == 4);
  w.check_books();
}

TEST_CASE("when one line is out of stock nothing moves, and what the order would have brought back did not come in between") {
  shop_world w;
  for (auto* sku : {"A", "B", "C"}) w.list(sku);
  w.receive("A", 5);
  w.settle();
  w.send("POST", "/orders", order_of("1", line_of(1, "A", 5) + "," + line_of(2, "B", 1) + "," + line_of(3, "C", -1)));
  w.settle();
  CHECK(w.status_of("1") == "cancelled");
  CHECK(w.on_hand("A") == 5);
  CHECK(w.on_hand("C") == 0);
  CHECK(w.books().stock().at("C").moved == 0);
  w.check_books();
}

namespace {

// There are 5 of A; an order wants 2 of them, and 1 of LATER, which inventory does not know. Goes on until its checkout
// has stored a turn with this text.
void begin_order(shop_world& w, const std::string& text) {
  w.list("A");
  w.receive("A", 5);
  w.settle();
  const auto& all = w.simulation.stored();
  w.simulation.request("POST", "/orders", order_of("1", line_of(1, "A", 2) + "," + line_of(2, "LATER", 1, "1.00")),
                       [](result<http_response>) {});
  const auto is_there = [&] {
    return std::any_of(all.begin(), all.end(), [&](const recorded_event& e) {
      return e.type == saga_turned::stored.type && e.payload.find(text) != std::string::npos;
    });
  };
  while (!is_there() && w.simulation.step()) {
  }
  REQUIRE(is_there());
}

// The next thing that is written for the order is refused, and tried again a moment later.
void refuse_next_append(shop_world& w) {
  w.simulation.inject({.kind = fault_kind::full_queue, .node = "shop"});
  w.simulation.run_for(0ms);
}

}  // namespace

TEST_CASE("an order whose goods have begun to come back is cancelled, although what it lacked is there by then") {
  shop_world w;
  begin_order(w, R"("kind":"undo")");
  SECTION("the next step fails") { refuse_next_append(w); }
  SECTION("the power fails") { w.simulation.crash(); }
  w.receive("LATER", 1);
  w.check_books();
  CHECK(w.status_of("1") == "cancelled");
  CHECK(w.on_hand("A") == 5);
  CHECK(w.on_hand("LATER") == 1);
}

TEST_CASE("an order whose cancellation can not be recorded has given nothing back") {
  shop_world w;
  begin_order(w, R"("arguments":{"id":"1","reason":"out_of_stock"})");
  refuse_next_append(w);
  w.receive("LATER", 1);
  w.check_books();
  const bool is_filled = w.status_of("1") == "confirmed";
  CHECK(w.on_hand("A") == (is_filled ? 3 : 5));
  CHECK(w.on_hand("LATER") == (is_filled ? 0 : 1));
}

TEST_CASE("an order sent again is the same order, although the catalog has changed its mind") {
  shop_world w;
  w.list("A", true, 255);
  w.receive("A", 5);
  w.settle();
  auto first = w.send("POST", "/orders", order_of("1", line_of(1, "A", 2) + "," + line_of(2, "LATER", 1, "1.00")));
  w.list("A", true, 999);
  w.list("LATER", false);
  w.settle();
  auto again = w.send("POST", "/orders", order_of("1", line_of(1, "A", 2) + "," + line_of(2, "LATER", 1, "1.00")));
  CHECK(again.status == 201);
  CHECK(again.body == first.body);
  auto other = w.send("POST", "/orders", order_of("1", line_of(1, "A", 3)));
  CHECK(other.status == 409);
  CHECK(shop_world::text_of(other, "reason") == "command_id_reused");
  w.check_books();
}

TEST_CASE("an order is cancelled once") {
  shop_world w;
  w.list("A");
  w.receive("A", 5);
  w.settle();
  w.send("POST", "/orders", order_of("1", line_of(1, "A", 2)));
  w.settle();
  CHECK(w.send("POST", "/orders/1/cancel", "{}").status == 200);
  auto again = w.send("POST", "/orders/1/cancel", "{}");
  CHECK(again.status == 422);
  CHECK(shop_world::text_of(again, "reason") == "order_cancelled");
  CHECK(w.send("POST", "/orders/nobody/cancel", "{}").status == 404);
  w.settle();
  CHECK(w.on_hand("A") == 5);
  w.check_books();
}

TEST_CASE("an order of more lines of one SKU than its queue holds is filled, and cancelled again") {
  shop_world w;
  w.list("A");
  w.receive("A", 3000);
  w.settle();
  std::string lines;
  for (int i = 1; i <= 3000; ++i) lines += (i > 1 ? "," : "") + line_of(i, "A", 1, "0.01");
  auto placed = w.send("POST", "/orders", order_of("1", lines));
  CHECK(placed.status == 201);
  w.settle();
  CHECK(w.status_of("1") == "confirmed");
  CHECK(w.on_hand("A") == 0);
  CHECK(w.send("POST", "/orders/1/cancel", "{}").status == 200);
  w.settle();
  CHECK(w.on_hand("A") == 3000);
  w.check_books();
}

TEST_CASE("an order placed before `stocked` was recorded is filled and cancelled as it was in its day") {
  shop_world w;
  w.list("A");
  w.receive("A", 5);
  w.settle();
  shop::orders::order_placed old{"1", {}, w.simulation.now(), "sale", {{1, "A", 2, 100, 200}, {2, "POST", 1, 500, 500}}, {}, {700, "GBP"}};
  new_event e;
  e.id = uuid_from_name("old", "1");
  e.type = std::string{old.stored.type};
  e.payload = to_json(old);
  std::optional<bool> stored;
  w.simulation.journal().append({{{"orders-1", expected::no_stream(), {e}}}, {}}, [&](result<append_result> r) { stored = r.has_value(); });
  while (!stored && w.simulation.step()) {
  }
  REQUIRE(stored == true);
  w.settle();
  CHECK(w.status_of("1") == "confirmed");
  CHECK(w.on_hand("A") == 3);
  CHECK(w.on_hand("POST") == -1);
  CHECK(w.send("POST", "/orders/1/cancel", "{}").status == 200);
  w.settle();
  CHECK(w.on_hand("A") == 5);
  w.check_books();
}

namespace {

// Sales, returns, both in one, services, products that appear late or never, customers who cancel at any moment, and a power cut.
void live(std::uint64_t seed, std::map<std::string, int>& met) {
  shop_world w{seed};
  auto& world = w.simulation;
  auto random = [&](std::uint64_t n) { return static_cast<int>(world.random().next() % n); };
  persistent_clients clients{world};
  auto send = [&](timespan when, std::string method, std::string target, std::string body) {
    clients.send(when, std::move(method), std::move(target), std::move(body));
  };
  auto moment = [&] { return std::chrono::milliseconds{random(2000)}; };
  for (int i = 0; i < 4; ++i) {
    auto sku = "S" + std::to_string(i);
    send(moment(), "PUT", "/products/" + sku, R"({"name":"thing","price":{"minor":100,"currency":"GBP"}})");
    if (i < 3) send(moment(), "POST", "/stock/" + sku + "/movements", R"({"id":"opening","kind":"opening","quantity":12})");
  }
  send(0ms, "PUT", "/products/POST", R"({"name":"postage","price":{"minor":500,"currency":"GBP"},"stocked":false})");
  world.run_for(100ms);
  for (int i = 0; i < 25; ++i) {
    std::string lines;
    for (int n = 1, end = 1 + random(3); n <= end; ++n) {
      auto sku = random(4) == 0 ? std::string{"POST"} : "S" + std::to_string(random(5));
      auto quantity = random(3) == 0 ? -1 - random(3) : 1 + random(4);
      lines += (n > 1 ? "," : "") + line_of(n, sku, quantity, random(2) ? "1.25" : "");
    }
    auto id = "o" + std::to_string(i);
    auto when = moment();
    send(when, "POST", "/orders", order_of(id, lines));
    if (random(2)) send(when + std::chrono::milliseconds{random(60)}, "POST", "/orders/" + id + "/cancel", "{}");
  }
  world.run_for(std::chrono::milliseconds{random(2500)});
  for (int extra = random(40); extra > 0 && world.step(); --extra) {
  }
  world.crash();
  world.run_for(60s);
  w.check_books();
  auto stock = parse_json(w.send("GET", "/reports/stock").body).value();
  for (auto& row : stock.at("skus").as_array()) {
    CHECK(row.at("on_hand").as_int64() >= 0);
    if (row.at("sku") != "POST") CHECK(row.at("moved") == row.at("quantity"));
  }
  for (int i = 0; i < 25; ++i) {
    auto order = w.send("GET", "/orders/o" + std::to_string(i));
    if (order.status == 200) ++met[shop_world::text_of(order, "status") + " " + shop_world::text_of(order, "cancel_reason")];
  }
}

}  // namespace

TEST_CASE("whatever is sold, returned, cancelled or cut off, the books balance and no stock is below zero") {
  std::map<std::string, int> met;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    live(seed, met);
  }
  for (auto* fate : {"confirmed ", "cancelled customer", "cancelled out_of_stock"}) {
    CAPTURE(fate);
    CHECK(met[fate] > 20);
  }
  CHECK(met["placed "] == 0);
}
