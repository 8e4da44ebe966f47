#include <services/orders/order.hpp>

#include <set>

namespace shop::orders {

using banyan::accept;
using banyan::code;
using banyan::error;
using banyan::refuse;

namespace {

error bad(std::size_t index, const char* field, std::string sentence) {
  return error{code::invalid_argument, std::move(sentence)}.at("lines[" + std::to_string(index) + "]." + field);
}

banyan::decision<order> place(const order::state& s, const place_order& p, const banyan::decision_context& ctx) {
  if (s.exists) return error{code::conflict, "order " + p.id + " exists already"}.because("order_exists");
  if (p.id.empty() || p.id.size() > 64) return error{code::invalid_argument, "an order id has 1 to 64 characters"}.at("id");
  if (p.kind != "sale" && p.kind != "return") return error{code::invalid_argument, "kind is sale or return"}.at("kind");
  if (p.lines.empty() || p.lines.size() > 10'000) return error{code::invalid_argument, "an order has 1 to 10,000 lines"}.at("lines");

  order_placed placed{p.id, p.customer, p.placed_at.value_or(ctx.now), p.kind, {}, {}, {0, "GBP"}};
  std::set<int> numbers;
  for (std::size_t i = 0; i < p.lines.size(); ++i) {
    auto& l = p.lines[i];
    if (!numbers.insert(l.line).second) return bad(i, "line", "line number " + std::to_string(l.line) + " occurs twice");
    if (l.sku.empty() || l.sku.size() > 64) return bad(i, "sku", "a SKU has 1 to 64 characters");
    if (!l.unit_price) {
      placed.rejected.push_back({l.line, "unknown_sku", 0});
      continue;
    }
    auto price = banyan::parse_decimal(*l.unit_price);
    if (!price) return bad(i, "unit_price", price.error().message);
    auto unit = banyan::to_minor(*price);
    auto total = banyan::multiply({unit, "GBP"}, l.quantity);
    if (!total) return bad(i, "quantity", "the line's value is beyond what money can hold");
    if (!price->is_positive()) {
      placed.rejected.push_back({l.line, "unit_price_not_positive", total->minor});
    } else if (l.quantity == 0) {
      placed.rejected.push_back({l.line, "quantity_zero", 0});
    } else {
      auto sum = banyan::add(placed.total, *total);
      if (!sum) return bad(i, "quantity", "the order's value is beyond what money can hold");
      placed.total = *sum;
      placed.lines.push_back({l.line, l.sku, l.quantity, unit, total->minor});
    }
  }
  if (placed.lines.empty()) return refuse("no_accepted_line", "no line of order " + p.id + " can be accepted");
  order_reply reply{p.id, order_status::placed, placed.total, static_cast<int>(placed.lines.size()), placed.rejected};
  return accept<order>({std::move(placed)}, std::move(reply));
}

}  // namespace

banyan::decision<order> order::decide(const state& s, const command& c, const banyan::decision_context& ctx) {
  if (auto* p = std::get_if<place_order>(&c)) return place(s, *p, ctx);
  auto id = std::visit([](auto& x) { return x.id; }, c);
  if (!s.exists) return error{code::not_found, "no order " + id};
  if (std::get_if<confirm_order>(&c)) {
    if (s.status == order_status::cancelled) return refuse("order_cancelled", "order " + id + " is cancelled");
    if (s.status == order_status::confirmed) return accept<order>({}, order_state_reply{id, s.status});
    return accept<order>({order_confirmed{id}}, order_state_reply{id, order_status::confirmed});
  }
  auto& cancel = std::get<cancel_order>(c);
  if (s.status == order_status::cancelled) return refuse("order_cancelled", "order " + id + " is cancelled already");
  if (cancel.reason.size() > 128) return error{code::invalid_argument, "a reason has at most 128 characters"}.at("reason");
  return accept<order>({order_cancelled{id, cancel.reason, s.placed_at, s.status == order_status::confirmed, s.lines, s.total}},
                       order_state_reply{id, order_status::cancelled});
}

void order::evolve(state& s, const event& e) {
  if (auto* p = std::get_if<order_placed>(&e)) s = {true, order_status::placed, p->placed_at, p->lines, p->total};
  if (std::get_if<order_confirmed>(&e)) s.status = order_status::confirmed;
  if (std::get_if<order_cancelled>(&e)) s.status = order_status::cancelled;
}

}  // namespace shop::orders
