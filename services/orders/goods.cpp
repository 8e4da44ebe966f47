#include <services/orders/goods.hpp>

namespace shop::orders {

using inventory::take_stock;

std::vector<take_stock> sold_goods(const std::string& order, const std::vector<placed_line>& lines) {
  std::vector<take_stock> all;
  for (const auto& l : lines)
    if (l.stocked.value_or(true) && l.quantity > 0)
      all.push_back({l.sku, order, l.line, l.quantity, "sale", l.stocked});
  return all;
}

take_stock given_back(take_stock m) {
  m.quantity = -m.quantity;
  m.purpose = "give_back";
  return m;
}

std::vector<take_stock> returned_goods(const confirmed_order& c) {
  std::vector<take_stock> all;
  if (c.returned)
    for (const auto& l : *c.returned) all.push_back({l.sku, c.id, l.line, l.quantity, "sale", l.stocked});
  return all;
}

}  // namespace shop::orders
