// Orders as strangers send them: every answer is an order, a rejected line, or a sentence with the field that is wrong.
#include "../shop_world.hpp"

#include <services/orders/pricing.hpp>

#include <banyan/test_kit/handler_of.hpp>

using namespace banyan;
using shop_test::line_of;
using shop_test::order_of;
using shop_test::shop_world;

namespace {

// The status, and the field or reason that the answer names.
std::string answer(shop_world& w, const std::string& body) {
  auto r = w.send("POST", "/orders", body);
  auto field = shop_world::text_of(r, "field");
  auto reason = shop_world::text_of(r, "reason");
  return std::to_string(r.status) + (field.empty() ? "" : " " + field) + (reason.empty() ? "" : " " + reason);
}

http_response send_with_key(shop_world& w, const std::string& key, const std::string& body) {
  http_request r;
  r.method = "POST";
  r.target = "/orders";
  r.body = body;
  r.headers.add("Content-Type", "application/json");
  r.headers.add("Idempotency-Key", key);
  std::optional<result<http_response>> answer;
  w.simulation.request(std::move(r), [&](result<http_response> a) { answer = std::move(a); });
  while (!answer && w.simulation.step()) {
  }
  REQUIRE(answer);
  return answer->value();
}

std::string percent(const std::string& text) {
  std::string out;
  for (unsigned char c : text) {
    const char* hex = "0123456789ABCDEF";
    out += {'%', hex[c >> 4], hex[c & 15]};
  }
  return out;
}

}  // namespace

TEST_CASE("the catalog is asked for each SKU once, and the order is placed with what it says") {
  using namespace shop::orders;
  using shop::catalog::get_products;
  using shop::catalog::product;
  using shop::catalog::product_prices;
  const order_reply placed{"1", order_status::placed, {765, "GBP"}, 3, {}};
  const auto checking_out = test_kit::handler_of<price_order>{describe()}
                                .given<get_products>(product_prices{{product{"A", "kite", {255, "GBP"}, true}}})
                                .given<place_order>(placed);
  const std::vector<line_request> lines{{1, "A", 2, {}, {}}, {2, "NEW", 1, "1.00", {}}, {3, "A", 1, {}, {}}};
  const place_order order{"1", {}, {}, "sale", lines, {{{"A", {255, "GBP"}, true}}}};
  checking_out.when(checkout{"1", {}, {}, "sale", lines})
      .then_reply(placed)
      .then_asked(get_products{{"A", "NEW"}}, order);

  const auto no_catalog = checking_out.given<get_products>(error{code::unavailable, "not now"});
  no_catalog.when(checkout{"1", {}, {}, "sale", lines})
      .then_error(code::unavailable)
      .then_asked(get_products{{"A", "NEW"}});
  checking_out.when(checkout{"1", {}, {}, "gift", lines})
      .then_error(code::invalid_argument, "kind")
      .then_asked(get_products{{"A", "NEW"}});
  const auto silent = checking_out.takes<get_products>(timespan::max()).when(checkout{"1", {}, {}, "sale", lines});
  silent.then_error(code::deadline_exceeded).then_asked(get_products{{"A", "NEW"}});
  CHECK(silent.asked().at(0).within == std::chrono::seconds{2});  // the ambassador's deadline
}

TEST_CASE("what is wrong with an order is a typed answer that names the field") {
  shop_world w;
  w.list("A");
  w.settle();
  auto with_quantity = [](const std::string& q) {
    return R"({"id":"1","lines":[{"line":1,"sku":"A","quantity":)" + q + R"(,"unit_price":"2.55"}]})";
  };
  for (auto* quantity :
       {"9223372036854775807", "-9223372036854775808", "9223372036854775808", "1.5", "\"6\"", "null", "true", "1000000001"}) {
    CAPTURE(quantity);
    CHECK(answer(w, with_quantity(quantity)) == "400 lines[0].quantity");
  }
  auto with_price = [](const std::string& p) { return R"({"id":"1","lines":[{"line":1,"sku":"A","quantity":1,"unit_price":)" + p + "}]}"; };
  for (auto* price :
       {"\"1e3\"", "\"  2.55\"", "\"\"", "2.55", "\"99999999999999999999\"", "\"0.0000000000000000001\"", "\"10000000000.01\""}) {
    CAPTURE(price);
    auto got = answer(w, with_price(price));
    CHECK((got == "400 lines[0].unit_price" || got == "400 lines[0].quantity"));
  }
  CHECK(answer(w, order_of("1", line_of(1, "A", 1) + "," + line_of(1, "A", 2))) == "400 lines[1].line");
  CHECK(answer(w, R"({"id":"1","lines":[{"line":2147483648,"sku":"A","quantity":1}]})") == "400 lines[0].line");
  CHECK(answer(w, R"({"id":"1","lines":[{"sku":"A","quantity":1}]})") == "400 lines[0].line");
  CHECK(answer(w, R"({"id":"1","lines":[]})") == "400 lines");
  CHECK(answer(w, R"({"id":"1"})") == "400 lines");
  CHECK(answer(w, order_of("", line_of(1, "A", 1))) == "400 id");
  CHECK(answer(w, order_of(std::string(65, 'x'), line_of(1, "A", 1))) == "400 id");
  CHECK(answer(w, order_of("a\\u0000b", line_of(1, "A", 1))) == "400 id");
  for (auto* id : {"a/b", "..", "a\\\\b", " "}) CHECK(answer(w, order_of(id, line_of(1, "A", 1))) == "400 id");
  CHECK(answer(w, order_of("1", line_of(1, "", 1))) == "400 lines[0].sku");
  CHECK(answer(w, R"({"id":"1","customer":"","lines":[)" + line_of(1, "A", 1) + "]}") == "400 customer");
  w.settle();
  CHECK(w.send("GET", "/orders/1").status == 404);
  // None of the mistakes used up the order's id.
  CHECK(answer(w, order_of("1", line_of(1, "A", 1))) == "201");
  CHECK(answer(w, order_of("2", line_of(1, "A", 1, "-0"))) == "422 no_accepted_line");
}

TEST_CASE("an order that is wrong whatever the catalog says leaves its Idempotency-Key free, and nothing in the journal") {
  shop_world w;
  w.list("A", true, 1000);
  w.settle();
  const auto most = [](int line) { return line_of(line, "A", 10'000'000, "1000.00"); };  // that an order may be worth
  const auto appends = w.simulation.journal().status().appends;
  const auto lines = [](const std::string& all) { return R"({"lines":[)" + all + "]}"; };
  for (const auto& body : {lines(""), lines(line_of(1, "", 1)), lines(line_of(1, "A", 1) + "," + line_of(1, "A", 1)),
                           lines(most(1) + "," + most(2)), R"({"kind":"gift","lines":[)" + line_of(1, "A", 1) + "]}"}) {
    CAPTURE(body);
    CHECK(send_with_key(w, "k1", body).status == 400);
  }
  CHECK(w.simulation.journal().status().appends == appends);
  CHECK(send_with_key(w, "k1", lines(line_of(1, "A", 1))).status == 201);
  // What such lines are worth together depends on the catalog's price of the third.
  CHECK(send_with_key(w, "k2", lines(most(1) + "," + most(2) + "," + line_of(3, "A", -1'000'000'000))).status == 201);
}

TEST_CASE("an order is of any time that fits into the calendar of 64-bit nanoseconds, and of none outside it") {
  shop_world w;
  w.list("A", false);
  w.settle();
  auto of = [](const std::string& id, const std::string& when) {
    return R"({"id":")" + id + R"(","placed_at":")" + when + R"(","lines":[)" + line_of(1, "A", 1, "1.00") + "]}";
  };
  CHECK(answer(w, of("past", "1700-01-01T00:00:00Z")) == "201");
  CHECK(answer(w, of("future", "2261-12-31T23:59:59Z")) == "201");
  CHECK(answer(w, of("zone", "2011-01-01T00:30:00+01:00")) == "201");
  for (auto* when :
       {"0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2010-13-01T00:00:00Z", "2010-12-01", "2010-12-01T00:00:00", "yesterday", ""}) {
    CAPTURE(when);
    CHECK(answer(w, of("odd", when)) == "400 placed_at");
  }
  w.settle();
  CHECK(w.send("GET", "/reports/sales").body == R"({"total":{"minor":300,"currency":"GBP"},"orders":3,"lines":3,"months":[)"
                                                R"({"month":"1700-01","total":{"minor":100,"currency":"GBP"},"orders":1,"lines":1},)"
                                                R"({"month":"2010-12","total":{"minor":100,"currency":"GBP"},"orders":1,"lines":1},)"
                                                R"({"month":"2261-12","total":{"minor":100,"currency":"GBP"},"orders":1,"lines":1}]})");
}

TEST_CASE("an order has ten thousand lines, and no more") {
  shop_world w;
  w.list("A", false);
  w.settle();
  std::string lines = line_of(0, "A", 1, "0.01");
  for (int i = 1; i < 10'000; ++i) lines += "," + line_of(i, "A", 1, "0.01");
  CHECK(answer(w, order_of("2", lines + "," + line_of(10'000, "A", 1))) == "400 lines");
  auto placed = w.send("POST", "/orders", order_of("1", lines));
  CHECK(placed.status == 201);
  w.settle();
  auto read = parse_json(w.send("GET", "/orders/1").body).value();
  CHECK(read.at("status") == "confirmed");
  CHECK(read.at("lines").as_array().size() == 10'000);
  CHECK(read.at("total").at("minor") == 10'000);
}

TEST_CASE("orders and customers with odd ids are found by them, filled and cancelled") {
  shop_world w;
  w.list("A");
  w.receive("A", 100);
  w.settle();
  int n = 0;
  for (std::string id : {"50% off", "\"quoted\"", "O'Neill", "?x=1#y", "\xC3\x85sa", "\xF0\x9F\x8E\x81", "...", "%2F", "x-1"}) {
    CAPTURE(id);
    auto text = to_json(id);
    CHECK(w.send("PUT", "/customers/" + percent(id), R"({"name":)" + text + "}").status == 200);
    CHECK(w.send("POST", "/orders", R"({"id":)" + text + R"(,"customer":)" + text + R"(,"lines":[)" + line_of(1, "A", 1, "1.00") + "]}")
              .status == 201);
    w.settle();
    CHECK(shop_world::text_of(w.send("GET", "/customers/" + percent(id)), "name") == id);
    CHECK(w.status_of(percent(id)) == "confirmed");
    CHECK(parse_json(w.send("GET", "/customers/" + percent(id) + "/orders").body).value().at("orders").as_array().size() == 1);
    if (++n % 2) {
      CHECK(w.send("POST", "/orders/" + percent(id) + "/cancel", "{}").status == 200);
    }
  }
  w.check_books();
}
