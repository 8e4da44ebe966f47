#include <services/cart/cart.hpp>

#include <services/rules/text.hpp>

#include <algorithm>

namespace shop::cart {

using banyan::accept;
using banyan::code;
using banyan::error;
using banyan::refuse;

namespace {

std::int64_t quantity_of(const std::vector<cart_line>& lines, const std::string& sku) {
  const auto found = std::ranges::find(lines, sku, &cart_line::sku);
  return found == lines.end() ? 0 : found->quantity;
}

cart_view view_of(const std::string& customer, const cart::state& s) { return {customer, s.lines, s.order}; }

banyan::decision<cart> accepted(const std::string& customer, cart::state s, std::vector<cart::event> events) {
  for (const auto& e : events) cart::evolve(s, e);
  return accept<cart>(std::move(events), view_of(customer, s));
}

banyan::decision<cart> set_line(const cart::state& s, const std::string& customer, const std::string& sku,
                                std::int64_t quantity) {
  const auto now = quantity_of(s.lines, sku);
  if (quantity == now) return accepted(customer, s, {});
  if (quantity > most_quantity) return refuse("too_many", "a line of a cart has at most 10,000 pieces");
  if (now == 0 && s.lines.size() >= most_lines) return refuse("cart_full", "a cart has at most 100 lines");
  return accepted(customer, s, {line_put{customer, sku, quantity}});
}

banyan::decision<cart> begin(const cart::state& s, const begin_checkout& b) {
  if (s.order && *s.order != b.order)
    return refuse("checkout_under_way",
                  "order " + *s.order + " is being placed with what was in the cart; try again when it is");
  if (s.order) return accept<cart>({}, begun_checkout{b.customer, b.order, s.ordered, b.payment});
  if (s.lines.empty()) return refuse("cart_empty", "there is nothing in the cart");
  return accept<cart>({checkout_begun{b.customer, b.order, s.lines, b.payment}},
                      begun_checkout{b.customer, b.order, s.lines, b.payment});
}

banyan::decision<cart> end(const cart::state& s, const end_checkout& e) {
  if (!s.order || *s.order != e.order) {  // ended before
    if (!e.placed || s.failed != e.order) return accepted(e.customer, s, {});
    // Another attempt has placed it after all: what went back leaves the cart again.
    std::vector<cart::event> events;
    for (const auto& l : s.returned)
      if (const auto now = quantity_of(s.lines, l.sku); now > 0)
        events.push_back(line_put{e.customer, l.sku, std::max<std::int64_t>(0, now - l.quantity)});
    events.push_back(checkout_ended{e.customer, e.order, true, {}});
    return accepted(e.customer, s, std::move(events));
  }
  checkout_ended ended{e.customer, e.order, e.placed, {}};
  auto lines = s.lines;
  for (const auto& l : s.ordered) {
    const bool goes_back = !e.placed || std::ranges::find(e.back, l.sku) != e.back.end();
    const auto there = quantity_of(lines, l.sku);
    if (!goes_back || (there == 0 && lines.size() >= most_lines)) continue;
    const auto fits = std::min(l.quantity, most_quantity - there);
    if (fits <= 0) continue;
    ended.back.push_back({l.sku, fits});
    put(lines, l.sku, there + fits);
  }
  return accepted(e.customer, s, {std::move(ended)});
}

}  // namespace

void put(std::vector<cart_line>& lines, const std::string& sku, std::int64_t quantity) {
  const auto found = std::ranges::find(lines, sku, &cart_line::sku);
  if (quantity == 0)
    std::erase_if(lines, [&](const cart_line& l) { return l.sku == sku; });
  else if (found == lines.end())
    lines.push_back({sku, quantity});
  else
    found->quantity = quantity;
}

banyan::result<void> cart::validate(const command& c) {
  const auto wrong = [](const char* field, std::string sentence) {
    return error{code::invalid_argument, std::move(sentence)}.at(field);
  };
  return std::visit(
      [&](const auto& x) -> banyan::result<void> {
        if (!is_code(x.customer)) return wrong("customer", "a customer id " + code_rule());
        if constexpr (requires { x.sku; })
          if (!is_code(x.sku)) return wrong("sku", "a SKU " + code_rule());
        if constexpr (requires { x.quantity; })
          if (x.quantity < 1 || x.quantity > most_quantity)
            return wrong("quantity", "a line of a cart has 1 to 10,000 pieces");
        if constexpr (requires { x.order; })
          if (!is_code(x.order)) return wrong("order", "an order id " + code_rule());
        if constexpr (requires { x.payment; })
          if (x.payment && !is_card_token(*x.payment)) return wrong("payment", "a payment " + card_token_rule());
        return {};
      },
      c);
}

banyan::decision<cart> cart::decide(const state& s, const command& c, const banyan::decision_context&) {
  if (auto* p = std::get_if<put_line>(&c)) return set_line(s, p->customer, p->sku, p->quantity);
  if (auto* a = std::get_if<add_line>(&c))
    return set_line(s, a->customer, a->sku, quantity_of(s.lines, a->sku) + a->quantity);
  if (auto* r = std::get_if<remove_line>(&c)) return set_line(s, r->customer, r->sku, 0);
  if (auto* b = std::get_if<begin_checkout>(&c)) return begin(s, *b);
  if (auto* e = std::get_if<end_checkout>(&c)) return end(s, *e);
  auto& clear = std::get<clear_cart>(c);
  if (s.lines.empty()) return accepted(clear.customer, s, {});
  return accepted(clear.customer, s, {cart_cleared{clear.customer}});
}

void cart::evolve(state& s, const event& e) {
  if (auto* p = std::get_if<line_put>(&e)) put(s.lines, p->sku, p->quantity);
  if (std::get_if<cart_cleared>(&e)) s.lines.clear();
  if (auto* b = std::get_if<checkout_begun>(&e)) {
    s.order = b->order;
    s.ordered = b->lines;
    s.lines.clear();
  }
  if (auto* x = std::get_if<checkout_ended>(&e)) {
    for (const auto& l : x->back) put(s.lines, l.sku, quantity_of(s.lines, l.sku) + l.quantity);
    if (!x->placed) {
      s.failed = x->order;
      s.returned = x->back;
    } else if (s.failed == x->order) {
      s.failed.reset();
      s.returned.clear();
    }
    s.order.reset();
    s.ordered.clear();
  }
}

}  // namespace shop::cart
