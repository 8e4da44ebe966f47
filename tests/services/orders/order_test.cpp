// The rules of an order.
#include <services/orders/order.hpp>

#include <banyan/test_kit/given_when_then.hpp>

#include <catch2/catch.hpp>

#include <limits>

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

order_placed placed() { return {"o1", "17850", noon, "sale", {{1, "85123A", 6, 255, 1530, true}}, {}, pence(1530)}; }
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
  given<order>().when(place({line(1, 6, "2.55")})).then({placed()}).then_reply(order_reply{"o1", order_status::placed, pence(1530), 1, {}});
}

TEST_CASE("an order that names no time is placed now") {
  auto p = place({line(1, 6, "2.55")});
  p.placed_at.reset();
  given<order>().at(noon).when(p).then({placed()});
}

TEST_CASE("a line that can not be sold is rejected with its reason, and the others stay") {
  std::vector<rejected_line> rejected{
      {2, "unit_price_not_positive", 0}, {3, "unit_price_not_positive", -1106206}, {4, "quantity_zero", 0}, {5, "unknown_sku", 0}};
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
      .then({order_placed{"o1", "17850", noon, "sale", {{1, "85123A", 1, 0, 0, true}}, {}, pence(0)}});
}

TEST_CASE("prices are rounded to pence half up, per unit") {
  CHECK(unit_of("2.554") == 255);
  CHECK(unit_of("2.555") == 256);
  CHECK(unit_of("2.545") == 255);
  CHECK(unit_of("0.005") == 1);
  CHECK(unit_of("0.0049999") == 0);
  given<order>().when(place({line(1, 1000, "0.0051")})).then_reply(order_reply{"o1", order_status::placed, pence(1000), 1, {}});
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
  wrong([](auto& p) { p.id = "o\n1"; }, "id");
  wrong([](auto& p) { p.customer = ""; }, "customer");
  wrong([](auto& p) { p.customer = std::string(65, 'x'); }, "customer");
  wrong([](auto& p) { p.lines[0].sku = std::string("A\0B", 3); }, "lines[0].sku");
}

TEST_CASE("a line's description is nothing, or something to read") {
  const auto described = [](std::string text) {
    auto l = line(1, 6, "2.55");
    l.description = std::move(text);
    return place({l});
  };
  for (auto text : {std::string{}, std::string{"?"}, std::string{"WHITE HEART 1/2"}, std::string(2000, 'x')})
    CHECK(given<order>().when(described(text)).decided().accepted());
  for (auto text : {std::string{"\0", 1}, std::string{" "}, std::string{"a\u202Eb"}, std::string(2001, 'x')})
    given<order>().when(described(text)).then_error(code::invalid_argument, "lines[0].description");
}

TEST_CASE("a unit price is a plain decimal") {
  for (auto* price : {"cheap",
                      "",
                      " ",
                      "1e3",
                      "+1",
                      ".5",
                      "5.",
                      "  2.55",
                      "2.55 ",
                      "2,55",
                      "1_000",
                      "0x10",
                      "NaN",
                      "inf",
                      "--1",
                      "\xD9\xA3",
                      "2.55\n",
                      "100000000000000",
                      "1.000000000000000000",
                      "00000000000000002.55"}) {
    CAPTURE(price);
    given<order>().when(place({line(1, 6, price)})).then_error(code::invalid_argument, "lines[0].unit_price");
  }
  for (auto* price : {"2", "2.5", "02.55", "2.555", "2.5499999999999998", "0.001"}) {
    CAPTURE(price);
    CHECK(given<order>().when(place({line(1, 6, price)})).decided().accepted());
  }
}

TEST_CASE("no price is below zero in disguise") {
  for (auto* price : {"-0", "-0.00", "0", "0.000", "-2.55"}) {
    CAPTURE(price);
    auto value = std::string_view{price} == "-2.55" ? -255 : 0;
    given<order>()
        .when(place({line(1, 6, "2.55"), line(2, 1, price)}))
        .then_reply(order_reply{"o1", order_status::placed, pence(1530), 1, {{2, "unit_price_not_positive", value}}});
  }
}

TEST_CASE("more pieces or pence than any shop deals in are an error, and no sum is ever wrong") {
  using limits = std::numeric_limits<std::int64_t>;
  for (auto many : {limits::max(), limits::min(), limits::min() + 1, std::int64_t{1'000'000'001}, std::int64_t{-1'000'000'001}})
    for (auto* price : {"2.55", "0.001", "0", "-1"}) {
      CAPTURE(many, price);
      given<order>().when(place({line(1, many, price)})).then_error(code::invalid_argument, "lines[0].quantity");
    }
  given<order>()
      .when(place({line(1, 1'000'000'000, "10.00")}))
      .then_reply(order_reply{"o1", order_status::placed, pence(1'000'000'000'000), 1, {}});
  given<order>().when(place({line(1, 1'000'000'000, "10.01")})).then_error(code::invalid_argument, "lines[0].quantity");
  given<order>().when(place({line(1, 1'000'000'000, "99999999999999")})).then_error(code::invalid_argument, "lines[0].quantity");
  given<order>().when(place({line(1, -1'000'000'000, "10.01")})).then_error(code::invalid_argument, "lines[0].quantity");
  given<order>().when(place({line(1, 1'000'000'000, "10"), line(2, 1, "0.01")})).then_error(code::invalid_argument, "lines");
  given<order>()
      .when(place({line(1, 1'000'000'000, "10"), line(2, 1, "0.01"), line(3, -1, "0.01")}))
      .then_reply(order_reply{"o1", order_status::placed, pence(1'000'000'000'000), 3, {}});
}

TEST_CASE("ten thousand lines are an order; what would not fit into the journal is refused before it is tried") {
  std::vector<line_request> lines;
  for (int i = 1; i <= 10'000; ++i) lines.push_back(line(i, 12, "2.55"));
  given<order>().when(place(lines)).then_reply(order_reply{"o1", order_status::placed, pence(30'600'000), 10'000, {}});
  for (auto& l : lines) l.sku = std::string(64, 'x');
  given<order>().when(place(lines)).then_error(code::invalid_argument, "lines");
}

TEST_CASE("whether goods leave a stock is the catalog's word; an unknown SKU with a price of its own is goods") {
  auto p = place({line(1, 6, "2.55")});
  p.listed = {{"85123A", pence(300), false}};
  auto service = placed();
  service.lines[0].stocked = false;
  given<order>().when(p).then({service});
  p.listed->front().stocked = true;
  given<order>().when(p).then({placed()});
  p.listed->front().sku = "another";
  given<order>().when(p).then({placed()});
}

TEST_CASE("a line without a price costs what the catalog says") {
  auto p = place({line(1, 6, std::nullopt), line(2, 1, std::nullopt), line(3, 1, std::nullopt)});
  p.lines[1].sku = "POST";
  p.lines[2].sku = "FREE";
  p.listed = {{"85123A", pence(255), true}, {"POST", pence(1800), false}, {"FREE", pence(0), true}};
  given<order>().when(p).then({order_placed{"o1",
                                            "17850",
                                            noon,
                                            "sale",
                                            {{1, "85123A", 6, 255, 1530, true}, {2, "POST", 1, 1800, 1800, false}},
                                            {{3, "unit_price_not_positive", 0}},
                                            pence(3330)}});
}

TEST_CASE("an order says what it is by what was asked, whatever the catalog said meanwhile") {
  auto p = place({line(1, 6, std::nullopt)});
  auto before = p.identity();
  p.listed = {{"85123A", pence(255), true}};
  CHECK(p.identity() == before);
  p.lines[0].quantity = 7;
  CHECK(p.identity() != before);
}

TEST_CASE("an event from before `stocked` was recorded is read, and says that it does not know") {
  auto old = from_json<order_placed>(
      R"({"id":"o1","placed_at":"2010-12-01T12:00:00Z","kind":"sale",)"
      R"("lines":[{"line":1,"sku":"A","quantity":6,"unit_minor":255,"total_minor":1530}],"rejected":[],"total":{"minor":1530,"currency":"GBP"}})");
  REQUIRE(old);
  CHECK_FALSE(old->lines.at(0).stocked.has_value());
  CHECK(to_json(old->lines) == R"([{"line":1,"sku":"A","quantity":6,"unit_minor":255,"total_minor":1530}])");
}

TEST_CASE("an order is placed once") { given<order>({placed()}).when(place({line(1, 1, "1")})).then_error(code::conflict); }

TEST_CASE("an order that does not exist is neither confirmed nor cancelled") {
  given<order>().when(confirm_order{"o1"}).then_error(code::not_found);
  given<order>().when(cancel_order{"o1"}).then_error(code::not_found);
}

TEST_CASE("a placed order is confirmed once; again changes nothing") {
  given<order>({placed()})
      .when(confirm_order{"o1"})
      .then({order_confirmed{"o1"}})
      .then_reply(confirmed_order{"o1", order_status::confirmed, {}});
  given<order>({placed(), order_confirmed{"o1"}})
      .when(confirm_order{"o1"})
      .then({})
      .then_reply(confirmed_order{"o1", order_status::confirmed, {}});
}

TEST_CASE("an order is cancelled before or after it is confirmed, and the event says what must come back") {
  given<order>({placed()}).when(cancel_order{"o1"}).then({cancelled(false)}).then_reply(order_state_reply{"o1", order_status::cancelled});
  given<order>({placed(), order_confirmed{"o1"}}).when(cancel_order{"o1", "damaged"}).then({cancelled(true, "damaged")});
  given<order>({placed()}).when(cancel_order{"o1", std::string(129, 'x')}).then_error(code::invalid_argument, "reason");
  given<order>({placed()}).when(cancel_order{"o1", "\u200B"}).then_error(code::invalid_argument, "reason");
}

TEST_CASE("an order that brought goods back is cancelled before it is confirmed, and not after: they may be sold again") {
  auto brought_back = [](std::optional<bool> stocked) {
    auto e = placed();
    e.kind = "return";
    e.lines[0] = {1, "85123A", -2, 255, -510, stocked};
    e.total = pence(-510);
    return e;
  };
  auto undone = [&](const order_placed& e, bool was_confirmed) {
    return order_cancelled{"o1", "customer", noon, was_confirmed, e.lines, e.total};
  };
  auto e = brought_back(true);
  given<order>({e}).when(cancel_order{"o1"}).then({undone(e, false)});
  given<order>({e, order_confirmed{"o1"}}).when(cancel_order{"o1"}).then_refused("goods_came_back");
  given<order>({brought_back(std::nullopt), order_confirmed{"o1"}}).when(cancel_order{"o1"}).then_refused("goods_came_back");
  auto fee = brought_back(false);
  given<order>({fee, order_confirmed{"o1"}}).when(cancel_order{"o1"}).then({undone(fee, true)});
}

TEST_CASE("a cancelled order stays cancelled") {
  given<order>({placed(), cancelled(false)}).when(confirm_order{"o1"}).then_refused("order_cancelled");
  given<order>({placed(), cancelled(false)}).when(cancel_order{"o1"}).then_refused("order_cancelled");
}

TEST_CASE("an order waits for its money once, until it is confirmed or cancelled") {
  given<order>({placed()})
      .when(await_payment{"o1"})
      .then({payment_awaited{"o1", true}})
      .then_reply(order_state_reply{"o1", order_status::placed});
  given<order>({placed(), payment_awaited{"o1"}})
      .when(await_payment{"o1"})
      .then({})
      .then_reply(order_state_reply{"o1", order_status::placed});
  given<order>({placed(), payment_awaited{"o1"}}).when(confirm_order{"o1"}).then({order_confirmed{"o1"}});
  given<order>({placed(), payment_awaited{"o1"}, order_confirmed{"o1"}})
      .when(await_payment{"o1"})
      .then({})
      .then_reply(order_state_reply{"o1", order_status::confirmed});
  given<order>({placed(), cancelled(false)}).when(await_payment{"o1"}).then_refused("order_cancelled");
  given<order>().when(await_payment{"o1"}).then_error(code::not_found);
}

TEST_CASE("the cancellation of an order that waited for its money says so, and whether its checkout undoes it") {
  const payment_awaited by_checkout{"o1", true}, before_sagas{"o1"};
  auto gone = cancelled(false);
  gone.was_charged = true;
  given<order>({placed(), before_sagas}).when(cancel_order{"o1"}).then({gone});
  gone.by_checkout = true;
  given<order>({placed(), by_checkout}).when(cancel_order{"o1"}).then({gone});
  gone.was_confirmed = true;
  gone.by_checkout.reset();
  for (const auto& waited : {by_checkout, before_sagas})
    given<order>({placed(), waited, order_confirmed{"o1"}}).when(cancel_order{"o1"}).then({gone});
}

TEST_CASE("an order whose checkout failed is cancelled, once, also when it is confirmed") {
  const abandon_order abandon{"o1", "customer"};
  const order_state_reply reply{"o1", order_status::cancelled};
  for (const bool was_confirmed : {false, true}) {
    auto gone = cancelled(was_confirmed);
    gone.by_checkout = true;
    auto so_far = std::vector<order::event>{placed()};
    if (was_confirmed) so_far.push_back(order_confirmed{"o1"});
    given<order>(so_far).when(abandon).then({gone}).then_reply(reply);
  }
  given<order>({placed(), cancelled(false)}).when(abandon).then({}).then_reply(reply);
  given<order>().when(abandon).then_error(code::not_found);
}

TEST_CASE("the end of a payment concerns only an order that waited for it when there were no sagas") {
  const payment_awaited by_checkout{"o1", true}, before_sagas{"o1"};
  const conclude_earlier_order captured{"o1", ""}, declined{"o1", "payment_declined"};
  for (const auto& c : {captured, declined}) {
    given<order>({placed()}).when(c).then({});
    given<order>({placed(), by_checkout}).when(c).then({});
    given<order>({placed(), before_sagas, cancelled(false)}).when(c).then({});
  }
  given<order>({placed(), before_sagas})
      .when(captured)
      .then({order_confirmed{"o1"}})
      .then_reply(confirmed_order{"o1", order_status::confirmed, {}});
  given<order>({placed(), before_sagas, order_confirmed{"o1"}}).when(captured).then({}).then_reply(
      confirmed_order{"o1", order_status::confirmed, {}});
  auto gone = cancelled(false);
  gone.reason = "payment_declined";
  gone.was_charged = true;
  given<order>({placed(), before_sagas}).when(declined).then({gone});
}

TEST_CASE("an order is reviewed without a change") {
  given<order>({placed()}).when(review_order{"o1"}).then({}).then_reply(order_state_reply{"o1", order_status::placed});
}

TEST_CASE("a confirmed order names the goods that come in with it") {
  auto mixed = placed();
  mixed.lines.push_back({2, "OLD", -3, 100, -300, true});
  mixed.lines.push_back({3, "POST", -1, 500, -500, false});
  given<order>({mixed}).when(confirm_order{"o1"}).then_reply(
      confirmed_order{"o1", order_status::confirmed, {{{2, "OLD", -3, true}}}});
}

TEST_CASE("an order is paid with a token, never with a card's number") {
  auto p = place({line(1, 6, "2.55")});
  p.payment = "tok_visa-1";
  auto expected = placed();
  expected.payment = "tok_visa-1";
  given<order>().when(p).then({expected});
  for (auto* token : {"", "tok visa", "4111111111111111", "tok_4111111111111111", "tok/1"}) {
    CAPTURE(token);
    p.payment = token;
    given<order>().when(p).then_error(code::invalid_argument, "payment");
  }
}

TEST_CASE("an event from before there were payments decodes, and a request without one is the same request as before") {
  const auto old = from_json<order_placed>(
      R"({"id":"o1","placed_at":"2010-12-01T12:00:00Z","kind":"sale","lines":[],"rejected":[],"total":{"minor":0,"currency":"GBP"}})");
  REQUIRE(old);
  CHECK_FALSE(old->payment);
  CHECK(place({line(1, 6, "2.55")}).identity().find("payment") == std::string::npos);
}
