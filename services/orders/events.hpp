// The events of orders, as stored; order_placed and order_cancelled are published to other services, with all lines of
// the order, so that a consumer need not query this service.
#pragma once

#include <services/orders/api.hpp>

#include <banyan/journal/event.hpp>

namespace shop::orders {

struct placed_line {
  int line = 0;
  std::string sku;
  std::int64_t quantity = 0;
  std::int64_t unit_minor = 0, total_minor = 0;
  // Whether its goods leave a stock, by the catalog's word at checkout. Absent in events from before this was recorded: then nobody knows
  // better than inventory, and goods move when it keeps stock of the SKU. Neither true nor false could stand for that: true would cancel
  // old orders for want of postage, false would let their goods stay on the shelf.
  std::optional<bool> stocked{};
};
BOOST_DESCRIBE_STRUCT(placed_line, (), (line, sku, quantity, unit_minor, total_minor, stocked))

struct order_placed {
  static constexpr banyan::stored_as stored{"orders.placed", 1};
  std::string id;
  std::optional<std::string> customer;
  banyan::instant placed_at;
  std::string kind;
  std::vector<placed_line> lines;
  std::vector<rejected_line> rejected;
  banyan::money total;
  // The token of a card; absent: the default one, as in events from before there were payments.
  std::optional<std::string> payment{};
};
BOOST_DESCRIBE_STRUCT(order_placed, (), (id, customer, placed_at, kind, lines, rejected, total, payment))

// Its goods are reserved, and it waits for its money. An order that costs nothing, or pays out, never does.
struct payment_awaited {
  static constexpr banyan::stored_as stored{"orders.payment_awaited", 1};
  std::string id;
  // Its checkout waits, and undoes what it did if the order is cancelled. Absent in events from before there were
  // sagas.
  std::optional<bool> by_checkout{};
};
BOOST_DESCRIBE_STRUCT(payment_awaited, (), (id, by_checkout))

struct order_confirmed {
  static constexpr banyan::stored_as stored{"orders.confirmed", 1};
  std::string id;
};
BOOST_DESCRIBE_STRUCT(order_confirmed, (), (id))

struct order_cancelled {
  static constexpr banyan::stored_as stored{"orders.cancelled", 1};
  std::string id, reason;
  banyan::instant placed_at;
  bool was_confirmed = false;          // its goods had left the stock
  std::vector<placed_line> lines;
  banyan::money total;
  // Its payment was awaited: its goods were reserved, and the acquirer may have been asked. Absent in events from
  // before there were payments.
  std::optional<bool> was_charged{};
  // Its checkout undoes what it did. Absent: that is not so, as in events from before there were sagas.
  std::optional<bool> by_checkout{};
};
BOOST_DESCRIBE_STRUCT(order_cancelled, (),
                      (id, reason, placed_at, was_confirmed, lines, total, was_charged, by_checkout))

// The same event, as a checkout hears of it.
struct order_withdrawn {
  static constexpr banyan::stored_as stored = order_cancelled::stored;
  std::string id, reason;
};
BOOST_DESCRIBE_STRUCT(order_withdrawn, (), (id, reason))

}  // namespace shop::orders
