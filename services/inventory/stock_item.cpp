#include <services/inventory/stock_item.hpp>

#include <services/rules/limits.hpp>
#include <services/rules/text.hpp>

namespace shop::inventory {

using banyan::accept;
using banyan::code;
using banyan::error;
using banyan::refuse;

namespace {

banyan::decision<stock_item> receive(const stock_item::state& s, const receive_stock& r) {
  if (s.on_hand > most_on_hand - r.quantity) return refuse("too_much_stock", "no warehouse holds that many");
  return accept<stock_item>({stock_received{r.sku, r.id, r.kind, r.quantity}}, stock_level{r.sku, s.on_hand + r.quantity});
}

banyan::decision<stock_item> take(const stock_item::state& s, const take_stock& t) {
  if (!s.tracked && !t.stocked.value_or(false)) return accept<stock_item>({}, stock_taken{t.sku, 0, false});
  if (t.quantity > s.on_hand)
    return refuse("out_of_stock",
                  "only " + std::to_string(s.on_hand) + " of " + t.sku + " in stock, " + std::to_string(t.quantity) + " wanted");
  // What comes back is never turned away for want of room: it is somebody's goods. This is for numbers that are no goods at all.
  std::int64_t left = 0;
  if (__builtin_sub_overflow(s.on_hand, t.quantity, &left)) return refuse("too_much_stock", "no warehouse holds that many");
  return accept<stock_item>({stock_moved{t.sku, t.order, t.line, t.quantity}}, stock_taken{t.sku, left, true});
}

}  // namespace

banyan::result<void> stock_item::validate(const command& c) {
  auto* r = std::get_if<receive_stock>(&c);
  if (!r) return {};
  if (!is_code(r->sku)) return error{code::invalid_argument, "a SKU " + code_rule()}.at("sku");
  if (!is_code(r->id, 128)) return error{code::invalid_argument, "a movement's id " + code_rule(128)}.at("id");
  if (r->quantity <= 0 || r->quantity > most_on_hand)
    return error{code::invalid_argument, "a received quantity is positive, and at most a million million"}.at("quantity");
  return {};
}

banyan::decision<stock_item> stock_item::decide(const state& s, const command& c, const banyan::decision_context&) {
  if (auto* r = std::get_if<receive_stock>(&c)) return receive(s, *r);
  if (auto* t = std::get_if<take_stock>(&c)) return take(s, *t);
  auto& track = std::get<track_sku>(c);
  if (s.tracked) return accept<stock_item>({}, stock_level{track.sku, s.on_hand});
  return accept<stock_item>({sku_tracked{track.sku}}, stock_level{track.sku, s.on_hand});
}

void stock_item::evolve(state& s, const event& e) {
  s.tracked = true;
  if (auto* r = std::get_if<stock_received>(&e)) s.on_hand += r->quantity;
  if (auto* m = std::get_if<stock_moved>(&e)) s.on_hand -= m->quantity;
}

}  // namespace shop::inventory
