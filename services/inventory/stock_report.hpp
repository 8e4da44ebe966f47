// The view behind the stock report: per SKU, the quantity sold according to the orders service, and the quantity moved
// according to the inventory.
#pragma once

#include <services/inventory/events.hpp>
#include <services/orders/events.hpp>

#include <banyan/core/result.hpp>
#include <banyan/cqrs/view_store.hpp>

#include <variant>

namespace shop::inventory {

struct stock_levels {
  using events = std::variant<sku_tracked, stock_received, stock_moved, orders::order_placed, orders::order_cancelled>;
  using queries = std::variant<get_stock, get_stock_report>;
  static void create(banyan::view_writer& v);
  static void apply(banyan::view_writer& v, const events& e, const banyan::recorded_event& at);
  static banyan::result<stock_level> answer(banyan::view_reader& v, const get_stock& q);
  static banyan::result<stock_report> answer(banyan::view_reader& v, const get_stock_report& q);
};

}  // namespace shop::inventory
