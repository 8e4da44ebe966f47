// The events of carts, as stored; checkout_begun is published, to this service itself.
#pragma once

#include <services/cart/api.hpp>

#include <banyan/journal/event.hpp>

namespace shop::cart {

struct line_put {
  static constexpr banyan::stored_as stored{"cart.line_put", 1};
  std::string customer, sku;
  std::int64_t quantity = 0;  // from now on; 0: the line is removed
};
BOOST_DESCRIBE_STRUCT(line_put, (), (customer, sku, quantity))

struct cart_cleared {
  static constexpr banyan::stored_as stored{"cart.cleared", 1};
  std::string customer;
};
BOOST_DESCRIBE_STRUCT(cart_cleared, (), (customer))

// These lines are no longer in the cart: an order is placed with them.
struct checkout_begun {
  static constexpr banyan::stored_as stored{"cart.checkout_begun", 1};
  std::string customer, order;
  std::vector<cart_line> lines;
  std::optional<std::string> payment;
};
BOOST_DESCRIBE_STRUCT(checkout_begun, (), (customer, order, lines, payment))

struct checkout_ended {
  static constexpr banyan::stored_as stored{"cart.checkout_ended", 1};
  std::string customer, order;
  bool placed = false;
  std::vector<cart_line> back;  // in the cart again
};
BOOST_DESCRIBE_STRUCT(checkout_ended, (), (customer, order, placed, back))

}  // namespace shop::cart
