// Orders that a shop without sagas left in its journal, and that go on when the program is exchanged: the checkout
// takes over the position of the subscription that filled orders before, and what it asks for has the ids of then.
#include <tests/services/the_shop.hpp>

#include <services/inventory/events.hpp>
#include <services/orders/events.hpp>
#include <services/payments/events.hpp>
#include <services/payments/payment.hpp>

#include <shop/books.hpp>

#include <banyan/core/hash.hpp>
#include <banyan/simulation/simulation.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <map>
#include <string>
#include <vector>

using namespace banyan;
using namespace std::chrono_literals;
using namespace shop;

namespace {

// Of the orders that were handled before, none is delivered again; of the others each.
application exchanged_program(const char* from) {
  application a{"shop", shop_test::shop_services()};
  find_option(a, "orders.subscribes.orders.placed.fulfilment.from")->set(from, "test").value();
  return a;
}

const orders::order_placed placed{
    "1", {}, {}, "sale", {{1, "A", 2, 100, 200, true}, {2, "B", 1, 100, 100, true}}, {}, {300, "GBP"}, {}};

inventory::take_stock taking(const char* sku, int line, std::int64_t quantity, const char* purpose = "sale") {
  return {sku, "1", line, quantity, purpose, true};
}

struct exchanged {
  explicit exchanged(const char* from) : app{exchanged_program(from)} {
    world.add("others", app, {"inventory", "payments", "acquirer", "catalog"});
    store("inventory-A", inventory::stock_received{"A", "opening", inventory::movement_kind::opening, 10});
    store("inventory-B", inventory::stock_received{"B", "opening", inventory::movement_kind::opening, 10});
    store("orders-1", placed);
  }

  template <class E>
  void store(const std::string& stream, const E& event, std::optional<command_record> command = {}) {
    auto& last = last_[stream];
    new_event e;
    e.id = uuid_from_name(stream, std::to_string(last.first + 1));
    e.type = std::string{E::stored.type};
    e.schema = E::stored.schema;
    e.payload = to_json(event);
    const auto after = last.first == 0 ? expected::no_stream() : expected::after(last.first, last.second);
    last = {last.first + 1, e.id};
    std::optional<bool> stored;
    world.journal().append({{{stream, after, {e}}}, std::move(command)},
                           [&](result<append_result> r) { stored = r.has_value(); });
    while (!stored && world.step()) {
    }
    REQUIRE(stored == true);
  }
  // Goods were moved, and their command is remembered.
  void move(const inventory::take_stock& m, std::int64_t left) {
    const auto stream = "inventory-" + m.sku;
    const command_record command{stream, uuid_from_name("take_stock", m.idempotency_key()),
                                 stable_hash("take_stock\n" + to_json(m)),
                                 R"({"ok":)" + to_json(inventory::stock_taken{m.sku, left, true}) + "}"};
    store(stream, inventory::stock_moved{m.sku, m.order, m.line, m.quantity}, command);
  }
  void wait_for_money() {
    move(taking("A", 1, 2), 8);
    move(taking("B", 2, 1), 9);
    store("orders-1", orders::payment_awaited{"1"});
  }
  void request_payment(const char* card = "tok_ok") {
    const payments::payment_requested asked{"1", payments::charge_key("1"), placed.total, card, {}};
    const payments::charge charge{"1", placed.total, card};
    const command_record command{
        "payments-1", uuid_from_name("charge", "1"), stable_hash("charge\n" + to_json(charge)),
        R"({"ok":)" + to_json(payments::payment_reply{"1", payments::payment_status::requested, placed.total}) + "}"};
    store("payments-1", asked, command);
  }

  // The new program starts.
  void start() {
    world.add("front", app, {"gateway", "orders", "customers", "cart"});
    world.run_for(5s);
    REQUIRE(world.run_until_idle(10min));
  }
  int cancel() {
    http_request r;
    r.method = "POST";
    r.target = "/orders/1/cancel";
    r.body = "{}";
    r.headers.add("Content-Type", "application/json");
    int status = 0;
    world.request_to("front", std::move(r), [&](result<http_response> a) { status = a.value().status; });
    while (status == 0 && world.step()) {
    }
    REQUIRE(world.run_until_idle(10min));
    return status;
  }

  shop::books books() const {
    shop::books all;
    for (const auto& e : world.stored()) all.apply(e);
    CHECK(all.faults() == std::vector<std::string>{});
    CHECK(all.open_orders() == 0);
    return all;
  }
  void check(orders::order_status status, std::int64_t kept, std::int64_t on_hand) const {
    const auto all = books();
    all.for_each_order([&](const order_in_books& o) {
      CHECK(o.stage == (status == orders::order_status::confirmed ? order_stage::confirmed : order_stage::cancelled));
      CHECK(o.taken - o.paid_back == kept);
    });
    CHECK(all.stock().at("A").on_hand == on_hand);
    const auto theirs = acquirer.kept();
    CHECK((theirs.contains("1") ? theirs.at("1") : 0) == kept);
    CHECK(acquirer.charges.size() <= 1);
  }

  application app;
  simulation world{{.seed = 1, .shared_journal = true}};
  shop_test::acquirer_book acquirer;

 private:
  std::map<std::string, std::pair<version, uuid>> last_;
};

using orders::order_status;

}  // namespace

TEST_CASE("an order that was placed and not filled is filled") {
  exchanged shop{"start"};
  shop.start();
  shop.check(order_status::confirmed, 300, 8);
}

TEST_CASE("an order of which some goods were taken, and which was even charged, is filled and not filled twice") {
  exchanged shop{"start"};
  SECTION("a line") { shop.move(taking("A", 1, 2), 8); }
  SECTION("all lines, and it waits for its money") { shop.wait_for_money(); }
  SECTION("and its payment is requested") {
    shop.wait_for_money();
    shop.request_payment();
  }
  shop.start();
  shop.check(order_status::confirmed, 300, 8);
}

TEST_CASE("an order that was being given back is given back") {
  exchanged shop{"start"};
  shop.move(taking("A", 1, 2), 8);
  shop.move(taking("B", 2, 1), 9);
  shop.store("orders-1", orders::order_cancelled{"1", "out_of_stock", {}, false, placed.lines, placed.total, {}, {}});
  SECTION("nothing yet") {}
  SECTION("a line") { shop.move(taking("A", 1, -2, "give_back"), 10); }
  shop.start();
  shop.check(order_status::cancelled, 0, 10);
}

TEST_CASE("an order that waited for its money is confirmed when it comes, cancelled when not, and may be cancelled") {
  exchanged shop{"now"};
  shop.wait_for_money();
  SECTION("it is paid") {
    shop.request_payment();
    shop.start();
    shop.check(order_status::confirmed, 300, 8);
  }
  SECTION("its card is declined") {
    shop.request_payment("tok_declined");
    shop.start();
    shop.check(order_status::cancelled, 0, 10);
  }
  SECTION("its customer cancels it before the acquirer answers") {
    shop.acquirer.fault = [](const std::string&, const std::string&, int attempt) {
      return attempt < 20 ? shop_test::acquirer_fault::unavailable : shop_test::acquirer_fault::none;
    };
    shop.request_payment();
    shop.world.add("front", shop.app, {"gateway", "orders", "customers", "cart"});
    shop.world.run_for(5s);
    CHECK(shop.cancel() == 200);
    shop.world.run_for(5min);
    shop.check(order_status::cancelled, 0, 10);
  }
  SECTION("or when it is confirmed") {
    shop.request_payment();
    shop.start();
    CHECK(shop.cancel() == 200);
    shop.check(order_status::cancelled, 0, 10);
  }
}
