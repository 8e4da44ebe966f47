// The movements of goods that an order causes, as inventory is asked for them.
//
// Each has a key of its own, of order, line and purpose: asked again by anybody, it is the same movement.
#pragma once

#include <services/inventory/api.hpp>
#include <services/orders/events.hpp>

#include <string>
#include <vector>

namespace shop::orders {

// Under way together: the queue of one SKU is bounded, and an order may have 10,000 lines of one.
inline constexpr std::size_t movements_at_once = 100;

// Of the lines whose goods leave a stock.
std::vector<inventory::take_stock> sold_goods(const std::string& order, const std::vector<placed_line>& lines);
// What undoes one of them.
inventory::take_stock given_back(inventory::take_stock m);
// Of what a confirmed order brings in; none when it brings nothing.
std::vector<inventory::take_stock> returned_goods(const confirmed_order& c);

}  // namespace shop::orders
