// The rules of a cart.
#include <services/cart/cart.hpp>

#include <banyan/test_kit/given_when_then.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace shop::cart;
using test_kit::given;

namespace {
const line_put two_a{"ann", "A", 2}, three_b{"ann", "B", 3};
const checkout_begun begun{"ann", "o1", {{"A", 2}, {"B", 3}}, "tok_visa"};
}  // namespace

TEST_CASE("lines are put in, added to and removed") {
  given<cart>().when(put_line{"ann", "A", 2}).then({two_a}).then_reply(cart_view{"ann", {{"A", 2}}, {}});
  given<cart>({two_a}).when(put_line{"ann", "A", 2}).then({});
  given<cart>({two_a}).when(put_line{"ann", "A", 5}).then({line_put{"ann", "A", 5}});
  given<cart>({two_a})
      .when(add_line{"ann", "A", 5})
      .then({line_put{"ann", "A", 7}})
      .then_reply(cart_view{"ann", {{"A", 7}}, {}});
  given<cart>({two_a, three_b})
      .when(remove_line{"ann", "A"})
      .then({line_put{"ann", "A", 0}})
      .then_reply(cart_view{"ann", {{"B", 3}}, {}});
  given<cart>({two_a}).when(remove_line{"ann", "B"}).then({});
  given<cart>({two_a, three_b})
      .when(clear_cart{"ann"})
      .then({cart_cleared{"ann"}})
      .then_reply(cart_view{"ann", {}, {}});
  given<cart>().when(clear_cart{"ann"}).then({});
}

TEST_CASE("a cart has at most 100 lines of at most 10,000 pieces") {
  std::vector<cart::event> full;
  for (int i = 0; i < 100; ++i) full.push_back(line_put{"ann", "S" + std::to_string(i), 1});
  given<cart>(full).when(put_line{"ann", "A", 1}).then_refused("cart_full");
  given<cart>(full).when(put_line{"ann", "S5", 10'000}).then({line_put{"ann", "S5", 10'000}});
  given<cart>({two_a}).when(add_line{"ann", "A", 9'999}).then_refused("too_many");
  for (const std::int64_t quantity :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{10'001}, std::numeric_limits<std::int64_t>::max()}) {
    CAPTURE(quantity);
    given<cart>().when(put_line{"ann", "A", quantity}).then_error(code::invalid_argument, "quantity");
    given<cart>().when(add_line{"ann", "A", quantity}).then_error(code::invalid_argument, "quantity");
  }
  given<cart>().when(put_line{"", "A", 1}).then_error(code::invalid_argument, "customer");
  given<cart>().when(put_line{"ann", "a/b", 1}).then_error(code::invalid_argument, "sku");
  given<cart>({two_a}).when(begin_checkout{"ann", "", {}}).then_error(code::invalid_argument, "order");
  given<cart>({two_a})
      .when(begin_checkout{"ann", "o1", "4111111111111111"})
      .then_error(code::invalid_argument, "payment");
}

TEST_CASE("at checkout what is in the cart leaves it for the order, and what comes later stays for the next one") {
  given<cart>({two_a, three_b})
      .when(begin_checkout{"ann", "o1", "tok_visa"})
      .then({begun})
      .then_reply(begun_checkout{"ann", "o1", {{"A", 2}, {"B", 3}}, "tok_visa"});
  given<cart>({two_a, three_b, begun}).when(put_line{"ann", "C", 1}).then_reply(cart_view{"ann", {{"C", 1}}, "o1"});
  given<cart>({two_a, three_b, begun, line_put{"ann", "C", 1}})
      .when(end_checkout{"ann", "o1", true, {}})
      .then({checkout_ended{"ann", "o1", true, {}}})
      .then_reply(cart_view{"ann", {{"C", 1}}, {}});
}

TEST_CASE("one checkout at a time, and none of nothing") {
  given<cart>().when(begin_checkout{"ann", "o1", {}}).then_refused("cart_empty");
  given<cart>({two_a, three_b, begun}).when(begin_checkout{"ann", "o2", {}}).then_refused("checkout_under_way");
  given<cart>({two_a, three_b, begun, checkout_ended{"ann", "o1", true, {}}})
      .when(begin_checkout{"ann", "o2", {}})
      .then_refused("cart_empty");
}

TEST_CASE("what is not ordered goes back into the cart, as far as it fits") {
  given<cart>({two_a, three_b, begun})
      .when(end_checkout{"ann", "o1", false, {}})
      .then({checkout_ended{"ann", "o1", false, {{"A", 2}, {"B", 3}}}})
      .then_reply(cart_view{"ann", {{"A", 2}, {"B", 3}}, {}});
  given<cart>({two_a, three_b, begun})
      .when(end_checkout{"ann", "o1", true, {"B"}})
      .then({checkout_ended{"ann", "o1", true, {{"B", 3}}}})
      .then_reply(cart_view{"ann", {{"B", 3}}, {}});
  given<cart>({two_a, three_b, begun, line_put{"ann", "A", 9'999}})
      .when(end_checkout{"ann", "o1", false, {}})
      .then_reply(cart_view{"ann", {{"A", 10'000}, {"B", 3}}, {}});
}

TEST_CASE("a checkout ends once") {
  const checkout_ended ended{"ann", "o1", true, {}};
  given<cart>({two_a, three_b, begun, ended}).when(end_checkout{"ann", "o1", false, {}}).then({});
  given<cart>({two_a, three_b, begun}).when(end_checkout{"ann", "o0", false, {}}).then({});
}

TEST_CASE("an order that was given up and is placed after all takes its lines out of the cart again", "[cart]") {
  const cart_line tea{"tea", 2};
  given<cart>({line_put{"ann", "tea", 2}, checkout_begun{"ann", "o1", {tea}, {}},
               checkout_ended{"ann", "o1", false, {tea}}, line_put{"ann", "tea", 3}})
      .when(end_checkout{"ann", "o1", true, {}})
      .then({line_put{"ann", "tea", 1}, checkout_ended{"ann", "o1", true, {}}});
  given<cart>({line_put{"ann", "tea", 2}, checkout_begun{"ann", "o1", {tea}, {}}, checkout_ended{"ann", "o1", true, {}},
               line_put{"ann", "tea", 5}})
      .when(end_checkout{"ann", "o1", true, {}})
      .then({});
}
