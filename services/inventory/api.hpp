// The API of the inventory: the operations that other services and the edge may call.
#pragma once

#include <banyan/core/json.hpp>
#include <banyan/plan/operation.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace shop::inventory {

struct stock_level {
  std::string sku;
  std::int64_t on_hand = 0;
};
BOOST_DESCRIBE_STRUCT(stock_level, (), (sku, on_hand))

enum class movement_kind : std::uint8_t { opening, receipt };
BOOST_DESCRIBE_ENUM(movement_kind, opening, receipt)

// Goods come in. `id` is the movement's identity: sent twice, it counts once.
struct receive_stock {
  using reply = stock_level;
  std::string sku, id;
  movement_kind kind = movement_kind::receipt;
  std::int64_t quantity = 0;   // > 0
  std::string idempotency_key() const { return sku + "/" + id; }
};
BOOST_DESCRIBE_STRUCT(receive_stock, (), (sku, id, kind, quantity))

// From now on there is stock of this SKU (none yet).
struct track_sku {
  using reply = stock_level;
  std::string sku;
};
BOOST_DESCRIBE_STRUCT(track_sku, (), (sku))

struct stock_taken {
  std::string sku;
  std::int64_t on_hand = 0;
  bool tracked = true;         // false: no stock is kept of this SKU and nobody says that there should be; nothing was moved
};
BOOST_DESCRIBE_STRUCT(stock_taken, (), (sku, on_hand, tracked))

// Goods go out for a line of an order; a negative quantity comes back. Never below zero: refused with reason "out_of_stock".
//
// The catalog's news of a product may still be on its way when its first order comes. Whoever asks knows from the catalog that it is
// stocked and says so; then there is stock of it from this moment on: none yet, so that a sale is out of stock and what comes back comes
// in. Nothing is gained by waiting for the news: goods that were received are here already, they came straight to this service.
struct take_stock {
  using reply = stock_taken;
  std::string sku, order;
  int line = 0;
  std::int64_t quantity = 0;
  std::string purpose = "sale";   // "sale", or "give_back" for an order that could not be filled
  std::optional<bool> stocked{};  // absent: an order of old that did not record it; then only what is tracked moves
  std::string idempotency_key() const { return order + "/" + std::to_string(line) + "/" + sku + "/" + purpose; }
};
BOOST_DESCRIBE_STRUCT(take_stock, (), (sku, order, line, quantity, purpose, stocked))

struct get_stock {
  using reply = stock_level;
  std::string sku;
};
BOOST_DESCRIBE_STRUCT(get_stock, (), (sku))

struct stock_line {
  std::string sku;
  std::int64_t quantity = 0;   // sold net of returns, by the orders
  std::int64_t moved = 0;      // out of stock net, by the inventory
  std::int64_t on_hand = 0;
  bool stocked = false;
};
BOOST_DESCRIBE_STRUCT(stock_line, (), (sku, quantity, moved, on_hand, stocked))

struct stock_report {
  std::vector<stock_line> skus;      // by SKU
  std::optional<std::string> next;   // pass as `after` for the page that follows
};
BOOST_DESCRIBE_STRUCT(stock_report, (), (skus, next))

struct get_stock_report {
  using reply = stock_report;
  static constexpr auto optional_fields = banyan::fields("limit");
  std::optional<std::string> after;
  int limit = 5000;                  // SKUs in the answer, 1 to 5,000
};
BOOST_DESCRIBE_STRUCT(get_stock_report, (), (after, limit))

struct inventory_api {
  static constexpr std::string_view name = "inventory";
  using operations =
      banyan::operations<banyan::op<receive_stock, banyan::idempotent::by_key>, banyan::op<take_stock, banyan::idempotent::by_key>,
                         banyan::op<track_sku, banyan::idempotent::always>, banyan::op<get_stock, banyan::idempotent::always>,
                         banyan::op<get_stock_report, banyan::idempotent::always>>;
};

}  // namespace shop::inventory
