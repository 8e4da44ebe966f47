// The API of the cart service: the operations that other services and the edge may call.
//
// A customer has one cart. It holds SKUs and quantities, no prices: an order gets the catalog's when it is placed. The
// customer is the identity; a guest's cart has an id that the client made up.
#pragma once

#include <services/orders/api.hpp>

#include <banyan/core/json.hpp>
#include <banyan/plan/operation.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace shop::cart {

inline constexpr std::size_t most_lines = 100;         // of one cart
inline constexpr std::int64_t most_quantity = 10'000;  // of one line

struct cart_line {
  std::string sku;
  std::int64_t quantity = 0;
  friend bool operator==(const cart_line&, const cart_line&) = default;
};
BOOST_DESCRIBE_STRUCT(cart_line, (), (sku, quantity))

struct cart_view {
  std::string customer;
  std::vector<cart_line> lines;               // in the order in which they were put in
  std::optional<std::string> checking_out{};  // the order that is being placed with what was in the cart before
};
BOOST_DESCRIBE_STRUCT(cart_view, (), (customer, lines, checking_out))

// Sets how many of a SKU are in the cart.
struct put_line {
  using reply = cart_view;
  std::string customer, sku;
  std::int64_t quantity = 0;  // 1 to 10,000
};
BOOST_DESCRIBE_STRUCT(put_line, (), (customer, sku, quantity))

// Adds some more of a SKU. A client that may have to repeat it sends an Idempotency-Key.
struct add_line {
  using reply = cart_view;
  static constexpr auto optional_fields = banyan::fields("quantity");
  std::string customer, sku;
  std::int64_t quantity = 1;  // 1 to 10,000, with what is there already
};
BOOST_DESCRIBE_STRUCT(add_line, (), (customer, sku, quantity))

// What is not there is removed already.
struct remove_line {
  using reply = cart_view;
  std::string customer, sku;
};
BOOST_DESCRIBE_STRUCT(remove_line, (), (customer, sku))

struct clear_cart {
  using reply = cart_view;
  std::string customer;
};
BOOST_DESCRIBE_STRUCT(clear_cart, (), (customer))

struct get_cart {
  using reply = cart_view;
  std::string customer;
};
BOOST_DESCRIBE_STRUCT(get_cart, (), (customer))

// Places an order of all that is in the cart, and empties it of that. Sent again with its Idempotency-Key, or with the
// order's id, it is the same order and the same answer. Lines that the order rejects, because the catalog does not know
// them, are back in the cart; if it rejects all, there is no order. Refused with reason "cart_empty", or
// "checkout_under_way" while another one is not done.
struct check_out_cart {
  using reply = orders::order_reply;
  std::string customer;
  std::optional<std::string> order;    // the order's id; absent: made here
  std::optional<std::string> payment;  // the token of a card
  std::string idempotency_key() const { return order ? customer + "/" + *order : std::string{}; }
};
BOOST_DESCRIBE_STRUCT(check_out_cart, (), (customer, order, payment))

// What follows is asked by this service of itself.
// -----------------------------------------------------------------------------------

struct begun_checkout {
  std::string customer, order;
  std::vector<cart_line> lines;
  std::optional<std::string> payment;
};
BOOST_DESCRIBE_STRUCT(begun_checkout, (), (customer, order, lines, payment))

struct begin_checkout {
  using reply = begun_checkout;
  std::string customer, order;
  std::optional<std::string> payment;
  std::string idempotency_key() const { return customer + "/" + order; }
};
BOOST_DESCRIBE_STRUCT(begin_checkout, (), (customer, order, payment))

// The order is placed, or never will be. `back`: what goes back into the cart.
struct end_checkout {
  using reply = cart_view;
  std::string customer, order;
  bool placed = false;
  std::vector<std::string> back;  // SKUs
  // Of the content: the catalog may know another time what it did not know the first time.
  std::string idempotency_key() const {
    std::string key = customer + "/" + order + (placed ? "/placed" : "/failed");
    for (const auto& sku : back) key += "/" + sku;
    return key;
  }
};
BOOST_DESCRIBE_STRUCT(end_checkout, (), (customer, order, placed, back))

struct cart_api {
  static constexpr std::string_view name = "cart";
  using operations = banyan::operations<
      banyan::op<put_line, banyan::idempotent::always>, banyan::op<add_line, banyan::idempotent::by_key>,
      banyan::op<remove_line, banyan::idempotent::always>, banyan::op<clear_cart, banyan::idempotent::always>,
      banyan::op<get_cart, banyan::idempotent::always>, banyan::op<check_out_cart, banyan::idempotent::by_key>,
      banyan::op<begin_checkout, banyan::idempotent::by_key>, banyan::op<end_checkout, banyan::idempotent::always>>;
};

}  // namespace shop::cart
