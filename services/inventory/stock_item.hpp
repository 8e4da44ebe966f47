// The aggregate of one SKU's stock. It never goes below zero.
#pragma once

#include <services/inventory/events.hpp>

#include <banyan/event_sourcing/aggregate.hpp>

#include <variant>

namespace shop::inventory {

struct stock_item {
  using command = std::variant<receive_stock, take_stock, track_sku>;
  using event = std::variant<sku_tracked, stock_received, stock_moved>;
  struct state {
    bool tracked = false;
    std::int64_t on_hand = 0;
  };
  static banyan::result<void> validate(const command& c);
  static banyan::decision<stock_item> decide(const state& s, const command& c, const banyan::decision_context& ctx);
  static void evolve(state& s, const event& e);
};
BOOST_DESCRIBE_STRUCT(stock_item::state, (), (tracked, on_hand))

}  // namespace shop::inventory
