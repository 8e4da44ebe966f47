// The events of the inventory, as stored. They are not published on a topic.
#pragma once

#include <services/inventory/api.hpp>

#include <banyan/journal/event.hpp>

namespace shop::inventory {

struct sku_tracked {
  static constexpr banyan::stored_as stored{"inventory.sku_tracked", 1};
  std::string sku;
};
BOOST_DESCRIBE_STRUCT(sku_tracked, (), (sku))

struct stock_received {
  static constexpr banyan::stored_as stored{"inventory.stock_received", 1};
  std::string sku, id;
  movement_kind kind = movement_kind::receipt;
  std::int64_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(stock_received, (), (sku, id, kind, quantity))

struct stock_moved {
  static constexpr banyan::stored_as stored{"inventory.stock_moved", 1};
  std::string sku, order;
  int line = 0;
  std::int64_t quantity = 0;   // out of stock; negative: back into it
};
BOOST_DESCRIBE_STRUCT(stock_moved, (), (sku, order, line, quantity))

}  // namespace shop::inventory
