// The checkout of a shop as a saga, as the author of a service writes it, and the services that it asks.
#pragma once

#include <banyan/core/money.hpp>
#include <banyan/saga/saga_code.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace shop {

using banyan::durable;
using banyan::idempotent;
using banyan::op;
using banyan::result;

struct placed_line {
  int line = 0;
  std::string sku;
  std::int64_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(placed_line, (), (line, sku, quantity))
struct order_placed {
  std::string id;
  std::vector<placed_line> lines;
  banyan::money total;
};
BOOST_DESCRIBE_STRUCT(order_placed, (), (id, lines, total))

struct stock_reserved {
  std::string sku;
  std::int64_t left = 0;
};
BOOST_DESCRIBE_STRUCT(stock_reserved, (), (sku, left))
struct reserve_stock {
  using reply = stock_reserved;
  std::string order;
  int line = 0;
  std::string sku;
  std::int64_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(reserve_stock, (), (order, line, sku, quantity))
struct release_stock {
  using reply = stock_reserved;
  std::string order;
  int line = 0;
  std::string sku;
  std::int64_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(release_stock, (), (order, line, sku, quantity))
struct inventory_api {
  static constexpr std::string_view name = "inventory";
  using operations = banyan::operations<op<reserve_stock, idempotent::by_key>, op<release_stock, idempotent::by_key>>;
};

struct charged {
  std::string charge;
  bool needs_approval = false;
};
BOOST_DESCRIBE_STRUCT(charged, (), (charge, needs_approval))
struct charge {
  using reply = charged;
  std::string order;
  banyan::money amount;
};
BOOST_DESCRIBE_STRUCT(charge, (), (order, amount))
struct refund {
  using reply = charged;
  std::string order;
};
BOOST_DESCRIBE_STRUCT(refund, (), (order))
struct payments_api {
  static constexpr std::string_view name = "payments";
  using operations = banyan::operations<op<charge, idempotent::by_key>, op<refund, idempotent::by_key>>;
};
struct payment_approved {
  bool approved = false;
};
BOOST_DESCRIBE_STRUCT(payment_approved, (), (approved))

struct order_state {
  std::string id;
  std::string status;
};
BOOST_DESCRIBE_STRUCT(order_state, (), (id, status))
struct confirm_order {
  using reply = order_state;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(confirm_order, (), (id))
struct orders_api {
  static constexpr std::string_view name = "orders";
  using operations = banyan::operations<op<confirm_order, idempotent::by_key>>;
};

using checkout_context = banyan::saga_context<inventory_api, payments_api, orders_api>;

durable<result<order_state>> check_out(checkout_context ctx, const order_placed& e);

// Two lines, 19.99.
inline order_placed an_order() { return {"o17", {{1, "A1", 2}, {2, "B2", 1}}, {1999, "GBP"}}; }

}  // namespace shop
