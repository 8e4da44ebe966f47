#include <shop/books.hpp>

#include <banyan/core/json.hpp>

#include <services/inventory/events.hpp>
#include <services/orders/events.hpp>
#include <services/payments/events.hpp>

#include <catch2/catch.hpp>

#include <random>

using namespace shop;

namespace {

class writer {
 public:
  explicit writer(books& b) : books_{b} {}
  template <class Event>
  writer& operator<<(const Event& e) {
    return raw(std::string{Event::stored.type}, banyan::to_json(e));
  }
  writer& raw(std::string type, std::string payload) {
    banyan::recorded_event event;
    event.type = std::move(type);
    event.payload = std::move(payload);
    event.position = ++position_;
    books_.apply(event);
    return *this;
  }

 private:
  books& books_;
  banyan::position position_ = 0;
};

banyan::instant day(const char* text) { return banyan::parse_rfc3339(text).value(); }

const std::vector<orders::placed_line> two_lines{{1, "A", 6, 255, 1530, true}, {2, "POST", 1, 500, 500, false}};
const auto december = day("2010-12-01T08:26:00Z");

orders::order_placed placed(const std::string& id, std::vector<orders::placed_line> lines = two_lines, std::int64_t total = 2030) {
  return {id, std::nullopt, december, "sale", std::move(lines), {}, {total, "GBP"}};
}
orders::order_cancelled cancelled(const std::string& id, bool was_confirmed) {
  return {id, "customer", december, was_confirmed, two_lines, {2030, "GBP"}};
}
inventory::stock_received received(std::int64_t quantity) { return {"A", "opening", inventory::movement_kind::opening, quantity}; }

}  // namespace

TEST_CASE("a sold, filled and confirmed order is in the books") {
  books b;
  writer w{b};
  w << inventory::sku_tracked{"A"} << received(10) << placed("1") << inventory::stock_moved{"A", "1", 1, 6} << orders::order_confirmed{"1"};
  w.raw("customers.profile_changed", "{}");
  CHECK(b.faults().empty());
  CHECK(b.sales().total == sales_sum{1, 2, 2030});
  CHECK(b.sales().months.at("2010-12") == sales_sum{1, 2, 2030});
  CHECK(b.stock().at("A") == stock_sums{6, 6, 4, true});
  CHECK(b.stock().at("POST") == stock_sums{1, 0, 0, false});
  CHECK(b.open_orders() == 0);
  CHECK(b.events() == 6);
  CHECK(b.head() == 6);
}

TEST_CASE("a cancelled order leaves nothing behind") {
  books b;
  writer w{b};
  w << received(10) << placed("1") << inventory::stock_moved{"A", "1", 1, 6};
  SECTION("before it was confirmed") { w << cancelled("1", false) << inventory::stock_moved{"A", "1", 1, -6}; }
  SECTION("after it was confirmed") {
    w << orders::order_confirmed{"1"} << cancelled("1", true) << inventory::stock_moved{"A", "1", 1, -6};
  }
  CHECK(b.faults().empty());
  CHECK(b.sales().total == sales_sum{});
  CHECK(b.stock().at("A") == stock_sums{0, 0, 10, true});
}

TEST_CASE("an open order is counted, its goods are not judged yet") {
  books b;
  writer w{b};
  w << received(10) << placed("1");
  CHECK(b.faults().empty());
  CHECK(b.open_orders() == 1);
}

TEST_CASE("an order of old, that does not say what is stocked, is taken at inventory's word") {
  books b;
  writer w{b};
  w << received(10) << placed("1", {{1, "A", 6, 1, 6}, {2, "POST", 1, 5, 5}}, 11) << inventory::stock_moved{"A", "1", 1, 6};
  w << orders::order_confirmed{"1"};
  CHECK(b.faults().empty());
  CHECK(b.open_orders() == 0);
}

TEST_CASE("goods that come back come in after the order is confirmed: until then it is open") {
  books b;
  writer w{b};
  w << placed("1", {{1, "A", -6, 1, -6, true}}, -6) << orders::order_confirmed{"1"};
  CHECK(b.faults().empty());
  CHECK(b.open_orders() == 1);
  SECTION("all of them") {
    w << inventory::stock_moved{"A", "1", 1, -6};
    CHECK(b.faults().empty());
    CHECK(b.open_orders() == 0);
    CHECK(b.stock().at("A") == stock_sums{-6, -6, 6, true});
  }
  SECTION("some of them") {
    w << inventory::stock_moved{"A", "1", 1, -5};
    CHECK(b.faults() == std::vector<std::string>{"order 1 line 1 (A, confirmed): -6 should have left the stock, -5 did"});
  }
}

TEST_CASE("goods of a cancelled order come back afterwards: until then it is open, by the position of its cancellation") {
  books b;
  writer w{b};
  w << received(10) << placed("1") << inventory::stock_moved{"A", "1", 1, 6} << cancelled("1", false);
  CHECK(b.faults().empty());
  CHECK(b.open_orders() == 1);
  CHECK(b.open_orders_to(3).empty());
  CHECK(b.open_orders_to(4) == std::vector<std::string>{"1"});
  w << inventory::stock_moved{"A", "1", 1, -6};
  CHECK(b.faults().empty());
  CHECK(b.open_orders() == 0);
}

TEST_CASE("each law that is broken is told") {
  books b;
  writer w{b};
  w << received(10);
  auto only = [&](const std::string& sentence) {
    CHECK(b.faults() == std::vector<std::string>{sentence});
    CHECK(b.fault_count() == 1);
  };
  SECTION("goods that never left") {
    w << placed("1") << orders::order_confirmed{"1"};
    only("order 1 line 1 (A, confirmed): 6 should have left the stock, 0 did");
  }
  SECTION("goods that stayed because inventory had not heard of them") {
    w << placed("1", {{1, "NEW", 6, 1, 6, true}}, 6) << orders::order_confirmed{"1"};
    only("order 1 line 1 (NEW, confirmed): 6 should have left the stock, 0 did");
  }
  SECTION("goods of what has no stock") {
    w << placed("1", {{1, "A", 6, 1, 6, false}}, 6) << inventory::stock_moved{"A", "1", 1, 6} << orders::order_confirmed{"1"};
    only("order 1 line 1 (A, confirmed): 0 should have left the stock, 6 did");
  }
  SECTION("goods that left twice") {
    w << placed("1") << inventory::stock_moved{"A", "1", 1, 5} << inventory::stock_moved{"A", "1", 1, 5} << orders::order_confirmed{"1"};
    only("order 1 line 1 (A, confirmed): 6 should have left the stock, 10 did");
  }
  SECTION("goods that came back twice") {
    w << placed("1") << inventory::stock_moved{"A", "1", 1, 6} << cancelled("1", false);
    w << inventory::stock_moved{"A", "1", 1, -6} << inventory::stock_moved{"A", "1", 1, -6};
    only("order 1 line 1 (A, cancelled): 0 should have left the stock, -6 did");
  }
  SECTION("stock below zero") {
    w << placed("1", {{1, "A", 11, 1, 11}}, 11) << inventory::stock_moved{"A", "1", 1, 11};
    only("A: its stock fell to -1");
  }
  SECTION("a line that does not multiply") {
    w << placed("1", {{1, "A", 6, 255, 1531}}, 1530);
    only("order 1: line 1 is 6 x 255, but says 1,531");
  }
  SECTION("a total that is not the sum") {
    w << placed("1", two_lines, 2031);
    only("order 1: its lines make 2,030 pence, but it says 20.31 GBP");
  }
  SECTION("an order placed twice") {
    w << placed("1") << placed("1");
    only("order 1 was placed twice");
    CHECK(b.sales().total.orders == 1);
  }
  SECTION("an order cancelled twice") {
    w << placed("1") << cancelled("1", false) << cancelled("1", false);
    only("order 1 was cancelled twice");
  }
  SECTION("a cancellation of something else") {
    auto other = cancelled("1", false);
    other.total.minor = 1;
    w << placed("1") << other;
    only("order 1: what was cancelled is not what was placed");
  }
  SECTION("goods moved for nobody") {
    w << inventory::stock_moved{"A", "7", 1, 1};
    only("A: goods moved for order 7, which is not there");
  }
  SECTION("goods moved for another line") {
    w << placed("1") << inventory::stock_moved{"A", "1", 2, 1};
    only("A: goods moved for order 1 line 2, which is not of this SKU");
  }
  SECTION("an event that cannot be read") {
    w.raw("orders.placed", "{\"id\":");
    REQUIRE(b.fault_count() == 1);
    CHECK_THAT(b.faults()[0], Catch::StartsWith("event 2 (orders.placed) cannot be read"));
  }
}

TEST_CASE("a million faults are counted, the first ones kept") {
  books b;
  writer w{b};
  for (int i = 0; i < 1000; ++i) w.raw("orders.confirmed", "nonsense");
  CHECK(b.faults().size() == books::faults_kept);
  CHECK(b.fault_count() == 1000);
}

TEST_CASE("whatever happens to orders, honest books balance") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    books b;
    writer w{b};
    w << received(1000000);
    std::int64_t pence = 0, sold = 0;
    for (int i = 0; i < 40; ++i) {
      auto id = std::to_string(i);
      auto quantity = static_cast<std::int64_t>(random() % 9) - 4;
      auto unit = static_cast<std::int64_t>(random() % 1000);
      std::vector<orders::placed_line> lines{{1, "A", quantity, unit, quantity * unit}};
      w << placed(id, lines, quantity * unit);
      w << inventory::stock_moved{"A", id, 1, quantity};
      if (random() % 3 == 0) {
        w << orders::order_cancelled{id, "customer", december, false, lines, {quantity * unit, "GBP"}};
        w << inventory::stock_moved{"A", id, 1, -quantity};
      } else {
        w << orders::order_confirmed{id};
        pence += quantity * unit;
        sold += quantity;
      }
    }
    CHECK(b.faults().empty());
    CHECK(b.sales().total.accepted_minor == pence);
    CHECK(b.stock().at("A") == stock_sums{sold, sold, 1000000 - sold, true});
  }
}

namespace {

const banyan::money price{2030, "GBP"};

payments::payment_requested requested(const std::string& order, banyan::money amount = price) {
  return {order, "key", amount, "tok_ok", december};
}
payments::payment_concluded captured(const std::string& order, banyan::money taken = price) {
  return {order, "key", payments::conclusion::captured, "ch_1", std::move(taken), ""};
}
payments::payment_concluded not_captured(const std::string& order, payments::conclusion how) {
  return {order, "key", how, "ch_1", {2030, how == payments::conclusion::declined ? "GBP" : "EUR"}, "why"};
}
payments::refund_requested back(const std::string& order) { return {order, "key", "customer"}; }
payments::payment_refunded refunded(const std::string& order, banyan::money amount = price) {
  return {order, "re_1", std::move(amount)};
}

// An order whose goods are reserved, and whose payment is requested.
writer& reserved(writer& w, const std::string& id) {
  return w << placed(id) << inventory::stock_moved{"A", id, 1, 6} << orders::payment_awaited{id} << requested(id);
}
writer& given_back(writer& w, const std::string& id, bool was_confirmed) {
  return w << cancelled(id, was_confirmed) << inventory::stock_moved{"A", id, 1, -6};
}

}  // namespace

TEST_CASE("a paid order's money is in the books") {
  books b;
  writer w{b};
  w << received(10);
  reserved(w, "1");
  CHECK(b.open_orders() == 1);
  w << captured("1") << orders::order_confirmed{"1"};
  CHECK(b.faults().empty());
  CHECK(b.open_orders() == 0);
  CHECK(b.kept_money() == std::map<std::string, std::int64_t>{{"1", 2030}});
  CHECK(b.payments().taken == 2030);
}

TEST_CASE("a cancelled order is open until its money is back, or known never to have been taken") {
  books b;
  writer w{b};
  w << received(10);
  reserved(w, "1");
  given_back(w, "1", false);
  CHECK(b.open_orders() == 1);
  SECTION("paid back") {
    w << captured("1") << back("1");
    CHECK(b.open_orders() == 1);
    w << refunded("1");
    CHECK(b.kept_money() == std::map<std::string, std::int64_t>{{"1", 0}});
  }
  SECTION("declined") { w << not_captured("1", payments::conclusion::declined); }
  SECTION("mismatched, and paid back") {
    w << not_captured("1", payments::conclusion::mismatched) << back("1") << refunded("1");
  }
  CHECK(b.open_orders() == 0);
  CHECK(b.faults().empty());
  CHECK(b.payments().taken == b.payments().paid_back);
}

TEST_CASE("money that is taken, kept or paid back otherwise than the orders say is a fault") {
  books b;
  writer w{b};
  w << received(10);
  const auto is_fault = [&](const std::string& what) {
    REQUIRE(b.faults().size() == 1);
    CHECK_THAT(b.faults()[0], Catch::Contains(what));
  };
  SECTION("confirmed before it is paid") {
    reserved(w, "1") << orders::order_confirmed{"1"} << captured("1");
    is_fault("is not paid");
  }
  SECTION("confirmed without a payment, when others have one") {
    reserved(w, "1") << captured("1") << orders::order_confirmed{"1"};
    CHECK(b.faults().empty());
    w << placed("2", {{1, "POST", 1, 500, 500, false}}, 500) << orders::order_confirmed{"2"};
    is_fault("is not paid");
  }
  SECTION("for another amount") {
    w << placed("1") << inventory::stock_moved{"A", "1", 1, 6} << orders::payment_awaited{"1"}
      << requested("1", {2031, "GBP"});
    is_fault("were asked for");
  }
  SECTION("asked for twice") {
    reserved(w, "1") << requested("1");
    is_fault("requested twice");
  }
  SECTION("concluded twice") {
    reserved(w, "1") << captured("1") << captured("1");
    is_fault("concluded twice");
  }
  SECTION("paid back, but not asked for") {
    reserved(w, "1") << captured("1");
    given_back(w, "1", false) << refunded("1");
    is_fault("not asked for");
  }
  SECTION("paid back, but the order stands") {
    reserved(w, "1") << captured("1") << orders::order_confirmed{"1"} << back("1") << refunded("1");
    is_fault("2,030 pence are due, 0 were kept");
  }
  SECTION("for no order") {
    w << requested("9");
    is_fault("which is not there");
  }
}
