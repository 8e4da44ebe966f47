// A cart becomes an order, once, whatever happens in between.
#include <tests/services/shop_world.hpp>

#include <services/cart/checkout.hpp>
#include <services/cart/service.hpp>

#include <banyan/test_kit/handler_of.hpp>
#include <banyan/test_kit/subscription_of.hpp>

using namespace banyan;
using namespace std::chrono_literals;
using namespace shop::cart;
using shop::orders::order_reply;
using shop::orders::order_status;
using shop_test::shop_world;

namespace {

const std::vector<cart_line> lines{{"A", 2}, {"NEW", 1}};
const begun_checkout begun{"ann", "o1", lines, "tok_visa"};
const shop::orders::checkout order{"o1", "ann", {}, "sale", {{1, "A", 2, {}, {}}, {2, "NEW", 1, {}, {}}}, "tok_visa"};
const order_reply placed{"o1", order_status::placed, {200, "GBP"}, 1, {{2, "unknown_sku", 0}}};
const cart_view after{"ann", {{"NEW", 1}}, {}};
const check_out_cart request{"ann", "o1", "tok_visa"};
const begin_checkout begin{"ann", "o1", "tok_visa"};
const error not_now{code::unavailable, "not now"};

const auto checking_out = test_kit::handler_of<check_out>{describe()}
                              .given<begin_checkout>(begun)
                              .given<shop::orders::checkout>(placed)
                              .given<end_checkout>(after);

std::int64_t lines_in(const http_response& cart) {
  return static_cast<std::int64_t>(parse_json(cart.body).value().at("lines").as_array().size());
}

http_response with_key(shop_world& w, const std::string& key, const std::string& target) {
  http_request r;
  r.method = "POST";
  r.target = target;
  r.body = "{}";
  r.headers.add("Content-Type", "application/json");
  r.headers.add("Idempotency-Key", key);
  return w.send(std::move(r));
}

}  // namespace

TEST_CASE("what is in the cart is ordered at the catalog's prices, and what the order rejects goes back") {
  checking_out.when(request).then_reply(placed).then_asked(begin, order, end_checkout{"ann", "o1", true, {"NEW"}});
}

TEST_CASE("an order that is refused leaves the cart as it was, and one whose outcome is not known keeps it waiting") {
  const auto refused =
      checking_out.given<shop::orders::checkout>(refuse("no_accepted_line", "no line can be accepted"));
  refused.when(request).then_refused("no_accepted_line").then_asked(begin, order, end_checkout{"ann", "o1", false, {}});
  checking_out.given<shop::orders::checkout>(not_now)
      .when(request)
      .then_error(code::unavailable)
      .then_asked(begin, order);
  checking_out.given<begin_checkout>(refuse("cart_empty", "there is nothing in the cart"))
      .when(request)
      .then_refused("cart_empty")
      .then_asked(begin);
}

TEST_CASE("a checkout that was cut off is finished") {
  const auto finishing = test_kit::subscription_of<finish_checkout>{describe()}
                             .given<shop::orders::checkout>(not_now, placed)
                             .given<end_checkout>(after);
  const checkout_begun event{"ann", "o1", lines, "tok_visa"};
  finishing.when(event).then_handled().then_attempts(2).then_asked(order, order,
                                                                   end_checkout{"ann", "o1", true, {"NEW"}});
  finishing.given<shop::orders::checkout>(refuse("no_accepted_line", "none"))
      .when(event)
      .then_handled()
      .then_asked(order, end_checkout{"ann", "o1", false, {}});
}

TEST_CASE("a customer fills a cart, orders, and it is empty; the same key is the same order") {
  shop_world w;
  w.list("A", true, 150);
  w.receive("A", 10);
  w.settle();
  CHECK(w.send("PUT", "/carts/ann/lines/A", R"({"quantity":2})").status == 200);
  CHECK(w.send("POST", "/carts/ann/lines", R"({"sku":"A"})").status == 200);
  CHECK(w.send("PUT", "/carts/ann/lines/B", R"({"quantity":1})").status == 200);
  CHECK(w.send("PUT", "/carts/ann/lines/B", R"({"quantity":10001})").status == 400);
  CHECK(w.send("DELETE", "/carts/ann/lines/B").status == 200);
  w.settle();
  CHECK(w.send("GET", "/carts/ann").body == R"({"customer":"ann","lines":[{"sku":"A","quantity":3}]})");
  w.list("A", true, 200);  // the price of today, not of when it was put in
  w.settle();
  const auto first = with_key(w, "k1", "/carts/ann/checkout");
  CHECK(first.status == 201);
  CHECK(parse_json(first.body).value().at("total").at("minor") == 600);
  w.settle();
  CHECK(w.send("GET", "/carts/ann").body == R"({"customer":"ann","lines":[]})");
  const auto again = with_key(w, "k1", "/carts/ann/checkout");
  CHECK(again.status == 201);
  CHECK(again.body == first.body);
  const auto other = with_key(w, "k2", "/carts/ann/checkout");
  CHECK(other.status == 422);
  CHECK(shop_world::text_of(other, "reason") == "cart_empty");
  w.settle();
  CHECK(w.status_of(shop_world::text_of(first, "id")) == "confirmed");
  CHECK(w.on_hand("A") == 7);
  CHECK(parse_json(w.send("GET", "/reports/sales").body).value().at("orders") == 1);
  w.check_books();
}

TEST_CASE("a cart of what the catalog does not know is not ordered, and stays") {
  shop_world w;
  w.send("PUT", "/carts/ann/lines/NOBODY", R"({"quantity":1})");
  const auto refused = w.send("POST", "/carts/ann/checkout", "{}");
  CHECK(refused.status == 422);
  CHECK(shop_world::text_of(refused, "reason") == "no_accepted_line");
  w.settle();
  CHECK(lines_in(w.send("GET", "/carts/ann")) == 1);
}

TEST_CASE("wherever the power fails in a checkout, there is one order, and the cart is empty") {
  for (std::uint64_t appends = 1; appends < 10; ++appends) {
    CAPTURE(appends);
    shop_world w;
    w.list("A", true, 100);
    w.receive("A", 10);
    w.send("PUT", "/carts/ann/lines/A", R"({"quantity":2})");
    w.settle();
    auto& journal = w.simulation.journal();
    const auto enough = journal.status().appends + appends;
    w.simulation.request("POST", "/carts/ann/checkout", R"({"order":"o1"})", [](result<http_response>) {});
    const auto until = w.simulation.now() + 20s;
    while (journal.status().appends < enough && w.simulation.now() < until && w.simulation.step()) {
    }
    w.simulation.crash();
    w.settle();
    CHECK(w.status_of("o1") == "confirmed");
    CHECK(lines_in(w.send("GET", "/carts/ann")) == 0);
    CHECK(w.on_hand("A") == 8);
    const auto again = w.send("POST", "/carts/ann/checkout", R"({"order":"o1"})");
    CHECK(again.status == 201);
    CHECK(parse_json(w.send("GET", "/reports/sales").body).value().at("orders") == 1);
    w.check_books();
  }
}
