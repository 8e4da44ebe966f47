// The view of carts.
#include <services/cart/cart_book.hpp>

#include <banyan/test_kit/view_of.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace shop::cart;

TEST_CASE("a cart shows its lines in the order in which they were put in, and the order that is being placed") {
  test_kit::view_of<cart_book> view{
      {line_put{"ann", "B", 3}, line_put{"ann", "A", 2}, line_put{"bob", "A", 1}, line_put{"ann", "B", 4}}};
  view.when(get_cart{"ann"}).then_reply({"ann", {{"B", 4}, {"A", 2}}, {}});
  view.apply(line_put{"ann", "A", 0});
  view.when(get_cart{"ann"}).then_reply({"ann", {{"B", 4}}, {}});
  view.apply(checkout_begun{"ann", "o1", {{"B", 4}}, {}});
  view.apply(line_put{"ann", "B", 1});
  view.when(get_cart{"ann"}).then_reply({"ann", {{"B", 1}}, "o1"});
  view.apply(checkout_ended{"ann", "o1", false, {{"B", 4}}});
  view.when(get_cart{"ann"}).then_reply({"ann", {{"B", 5}}, {}});
  view.apply(cart_cleared{"ann"});
  view.when(get_cart{"ann"}).then_reply({"ann", {}, {}});
  view.when(get_cart{"bob"}).then_reply({"bob", {{"A", 1}}, {}});
  view.when(get_cart{"nobody"}).then_reply({"nobody", {}, {}});
  view.when(get_cart{""}).then_error(code::invalid_argument);
}
