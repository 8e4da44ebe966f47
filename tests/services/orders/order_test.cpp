// The rules of an order.
#include <services/orders/order.hpp>

#include <banyan/test_kit/given_when_then.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace shop::orders;
using test_kit::given;

namespace {

const instant noon{std::chrono::sys_days{std::chrono::December / 1 / 2010} + std::chrono::hours{12}};

money pence(std::int64_t n) { return {n, "GBP"}; }
line_request line(int number, std::int64_t quantity, std::optional<std::string> price) {
  return {number, "85123A", quantity, std::move(price), {}};
}
place_order place(std::vector<line_request> lines) { return {"o1", "17850", noon, "sale", std::move(lines)}; }

order_placed placed() { return {"o1", "17850", noon, "sale", {{1, "85123A", 6, 255, 1530}}, {}, pence(1530)}; }
order_cancelled cancelled(bool was_confirmed, std::string reason = "customer") {
  return {"o1", std::move(reason), noon, was_confirmed, placed().lines, pence(1530)};
}

// The one line's unit price, in pence.
std::int64_t unit_of(std::string price) {
  auto outcome = given<order>().when(place({line(1, 1, std::move(price))}));
  return std::get<order_placed>(outcome.decided().events.at(0)).lines.at(0).unit_minor;
}

}  // namespace

TEST_CASE("an order is placed with the value of its lines") {
  given<order>()
      .when(place({line(1, 6, "2.55")}))
      .then({placed()})
      .then_reply(order_reply{"o1", order_status::placed, pence(1530), 1, {}});
}

TEST_CASE("an order that names no time is placed now") {
  auto p = place({line(1, 6, "2.55")});
  p.placed_at.reset();
  given<order>().at(noon).when(p).then({placed()});
}

TEST_CASE("a line that can not be sold is rejected with its reason, and the others stay") {
  std::vector<rejected_line> rejected{{2, "unit_price_not_positive", 0}, {3, "unit_price_not_positive", -1106206}, {4, "quantity_zero", 0},
                                      {5, "unknown_sku", 0}};
  auto expected = placed();
  expected.rejected = rejected;
  given<order>()
      .when(place({line(1, 6, "2.55"), line(2, 10, "0.00"), line(3, 1, "-11062.06"), line(4, 0, "1.00"), line(5, 1, std::nullopt)}))
      .then({expected})
      .then_reply(order_reply{"o1", order_status::placed, pence(1530), 1, rejected});
}

TEST_CASE("an order of rejected lines only is refused") {
  given<order>().when(place({line(1, 1, "0"), line(2, 0, "1.00"), line(3, 1, std::nullopt)})).then_refused("no_accepted_line");
}

TEST_CASE("a price above zero that rounds to zero pence is accepted at zero") {
  given<order>()
      .when(place({line(1, 1, "0.001")}))
      .then({order_placed{"o1", "17850", noon, "sale", {{1, "85123A", 1, 0, 0}}, {}, pence(0)}});
}

TEST_CASE("prices are rounded to pence half up, per unit") {
  CHECK(unit_of("2.554") == 255);
  CHECK(unit_of("2.555") == 256);
  CHECK(unit_of("2.545") == 255);
  CHECK(unit_of("0.005") == 1);
  CHECK(unit_of("0.0049999") == 0);
  given<order>()
      .when(place({line(1, 1000, "0.0051")}))
      .then_reply(order_reply{"o1", order_status::placed, pence(1000), 1, {}});
}

TEST_CASE("goods that come back count negative") {
  auto p = place({line(1, -2, "2.55")});
  p.kind = "return";
  given<order>().when(p).then_reply(order_reply{"o1", order_status::placed, pence(-510), 1, {}});
}

TEST_CASE("two lines of one SKU are two lines, two lines of one number are an error") {
  given<order>().when(place({line(1, 1, "1"), line(2, 1, "1")})).then_reply(order_reply{"o1", order_status::placed, pence(200), 2, {}});
  given<order>().when(place({line(1, 1, "1"), line(1, 2, "1")})).then_error(code::invalid_argument, "lines[1].line");
}

TEST_CASE("what is wrong with an order is named") {
  auto wrong = [](auto change, const std::string& field) {
    auto p = place({line(1, 6, "2.55")});
    change(p);
    CAPTURE(field);
    given<order>().when(p).then_error(code::invalid_argument, field);
  };
  wrong([](auto& p) { p.id = ""; }, "id");
  wrong([](auto& p) { p.id = std::string(65, 'x'); }, "id");
  wrong([](auto& p) { p.kind = "gift"; }, "kind");
  wrong([](auto& p) { p.lines.clear(); }, "lines");
  wrong([](auto& p) { p.lines.assign(10'001, line(1, 1, "1")); }, "lines");
  wrong([](auto& p) { p.lines[0].sku = ""; }, "lines[0].sku");
  wrong([](auto& p) { p.lines[0].unit_price = "cheap"; }, "lines[0].unit_price");
  wrong([](auto& p) { p.lines[0].unit_price = "1e3"; }, "lines[0].unit_price");
}

TEST_CASE("a value beyond 64 bits is an error, of a line and of the sum") {
  constexpr auto many = std::int64_t{9'000'000'000'000'000'000};
  given<order>().when(place({line(1, many, "2.55")})).then_error(code::invalid_argument, "lines[0].quantity");
  given<order>().when(place({line(1, many, "0.01"), line(2, many, "0.01")})).then_error(code::invalid_argument, "lines[1].quantity");
}

TEST_CASE("an order is placed once") {
  given<order>({placed()}).when(place({line(1, 1, "1")})).then_error(code::conflict);
}

TEST_CASE("an order that does not exist is neither confirmed nor cancelled") {
  given<order>().when(confirm_order{"o1"}).then_error(code::not_found);
  given<order>().when(cancel_order{"o1"}).then_error(code::not_found);
}

TEST_CASE("a placed order is confirmed once; again changes nothing") {
  given<order>({placed()})
      .when(confirm_order{"o1"})
      .then({order_confirmed{"o1"}})
      .then_reply(order_state_reply{"o1", order_status::confirmed});
  given<order>({placed(), order_confirmed{"o1"}})
      .when(confirm_order{"o1"})
      .then({})
      .then_reply(order_state_reply{"o1", order_status::confirmed});
}

TEST_CASE("an order is cancelled before or after it is confirmed, and the event says what must come back") {
  given<order>({placed()}).when(cancel_order{"o1"}).then({cancelled(false)}).then_reply(order_state_reply{"o1", order_status::cancelled});
  given<order>({placed(), order_confirmed{"o1"}}).when(cancel_order{"o1", "damaged"}).then({cancelled(true, "damaged")});
  given<order>({placed()}).when(cancel_order{"o1", std::string(129, 'x')}).then_error(code::invalid_argument, "reason");
}

TEST_CASE("a cancelled order stays cancelled") {
  given<order>({placed(), cancelled(false)}).when(confirm_order{"o1"}).then_refused("order_cancelled");
  given<order>({placed(), cancelled(false)}).when(cancel_order{"o1"}).then_refused("order_cancelled");
}
