#include <services/orders/order.hpp>

#include <services/rules/limits.hpp>
#include <services/rules/text.hpp>

#include <algorithm>
#include <set>
#include <unordered_map>

namespace shop::orders {

using banyan::accept;
using banyan::code;
using banyan::error;
using banyan::refuse;

namespace {

error bad(std::size_t index, const char* field, std::string sentence) {
  return error{code::invalid_argument, std::move(sentence)}.at("lines[" + std::to_string(index) + "]." + field);
}

constexpr std::size_t most_lines = 10'000;
constexpr std::size_t most_description = 2000;
constexpr std::size_t most_bytes = 1'000'000;  // of an order's event, whose cancellation must fit into the journal's 1 MiB as well

// The catalog's word on each SKU.
class listing {
 public:
  explicit listing(const place_order& p) {
    if (p.listed)
      for (auto& l : *p.listed) of_sku_.emplace(l.sku, &l);
  }
  const listed_sku* find(std::string_view sku) const {
    auto found = of_sku_.find(sku);
    return found == of_sku_.end() ? nullptr : found->second;
  }

 private:
  std::unordered_map<std::string_view, const listed_sku*> of_sku_;
};

std::optional<error> defect_of(const place_order& p) {
  auto wrong = [](const char* field, std::string sentence) { return error{code::invalid_argument, std::move(sentence)}.at(field); };
  if (!is_code(p.id)) return wrong("id", "an order id " + code_rule());
  if (p.customer && !is_code(*p.customer)) return wrong("customer", "a customer id " + code_rule() + "; leave it out for a guest");
  if (p.kind != "sale" && p.kind != "return") return wrong("kind", "kind is sale or return");
  if (p.lines.empty() || p.lines.size() > most_lines) return wrong("lines", "an order has 1 to 10,000 lines");
  if (p.payment && !is_card_token(*p.payment)) return wrong("payment", "a payment " + card_token_rule());
  return std::nullopt;
}

bool beyond(std::int64_t n, std::int64_t most) { return n > most || n < -most; }

// Adds a line to the order, to its accepted or its rejected lines.
banyan::result<void> judge(order_placed& placed, const line_request& l, std::size_t index, const listed_sku* listed) {
  if (!is_code(l.sku)) return bad(index, "sku", "a SKU " + code_rule());
  if (l.description && !l.description->empty() && !is_name(*l.description, most_description))
    return bad(index, "description", "a description " + name_rule(most_description));
  if (beyond(l.quantity, most_pieces)) return bad(index, "quantity", "a line has at most a thousand million pieces");
  auto reject = [&](const char* reason, std::int64_t value) -> banyan::result<void> {
    placed.rejected.push_back({l.line, reason, value});
    return {};
  };
  if (!l.unit_price && !listed) return reject("unknown_sku", 0);
  auto price = l.unit_price ? banyan::parse_decimal(*l.unit_price) : banyan::decimal{listed->price.minor, 2};
  if (!price) return bad(index, "unit_price", price.error().message);
  auto unit = banyan::to_minor(*price);
  auto total = banyan::multiply({unit, "GBP"}, l.quantity);
  if (!total || beyond(total->minor, most_pence)) return bad(index, "quantity", "a line is worth at most ten thousand million pounds");
  if (!price->is_positive()) return reject("unit_price_not_positive", total->minor);
  if (l.quantity == 0) return reject("quantity_zero", 0);
  placed.total.minor += total->minor;  // 10,000 lines of 10^12 pence are far from 2^63
  placed.lines.push_back({l.line, l.sku, l.quantity, unit, total->minor, !listed || listed->stocked});
  return {};
}

banyan::decision<order> place(const order::state& s, const place_order& p, const banyan::decision_context& ctx) {
  if (s.exists) return error{code::conflict, "order " + p.id + " exists already"}.because("order_exists");
  auto placed = assess_order(p, ctx.now);
  if (!placed) return placed.error();
  if (placed->lines.empty()) return refuse("no_accepted_line", "no line of order " + p.id + " can be accepted");
  order_reply reply{p.id, order_status::placed, placed->total, static_cast<int>(placed->lines.size()), placed->rejected};
  return accept<order>({std::move(*placed)}, std::move(reply));
}

std::optional<std::vector<returned_line>> returned_lines(const order::state& s) {
  std::vector<returned_line> all;
  for (auto& l : s.lines)
    if (l.quantity < 0 && l.stocked.value_or(true)) all.push_back({l.line, l.sku, l.quantity, l.stocked});
  if (all.empty()) return {};
  return all;
}

order_cancelled cancellation(const order::state& s, const std::string& id, const std::string& reason) {
  order_cancelled gone{id, reason, s.placed_at, s.status == order_status::confirmed, s.lines, s.total, {}, {}};
  if (s.is_charged) gone.was_charged = true;
  if (s.by_checkout && !gone.was_confirmed) gone.by_checkout = true;
  return gone;
}

banyan::decision<order> abandon(const order::state& s, const abandon_order& a) {
  order_state_reply reply{a.id, order_status::cancelled};
  if (s.status == order_status::cancelled) return accept<order>({}, std::move(reply));
  auto gone = cancellation(s, a.id, a.reason);
  gone.by_checkout = true;
  return accept<order>({std::move(gone)}, std::move(reply));
}

banyan::decision<order> conclude(const order::state& s, const conclude_earlier_order& c) {
  if (!s.is_charged || s.by_checkout) return accept<order>({}, confirmed_order{c.id, s.status, {}});
  if (s.status == order_status::confirmed)
    return accept<order>({}, confirmed_order{c.id, s.status, returned_lines(s)});
  if (s.status == order_status::cancelled) return accept<order>({}, confirmed_order{c.id, s.status, {}});
  if (!c.failure.empty())
    return accept<order>({cancellation(s, c.id, c.failure)}, confirmed_order{c.id, order_status::cancelled, {}});
  return accept<order>({order_confirmed{c.id}}, confirmed_order{c.id, order_status::confirmed, returned_lines(s)});
}

bool brought_goods_back(const placed_line& l) { return l.quantity < 0 && l.stocked.value_or(true); }

// Its sum is not looked at: it is not known as long as the catalog has not named its prices.
banyan::result<order_placed> judge_lines(const place_order& p, banyan::instant now) {
  if (auto defect = defect_of(p)) return *defect;
  order_placed placed{p.id, p.customer, p.placed_at.value_or(now), p.kind, {}, {}, {0, "GBP"}, p.payment};
  listing catalog{p};
  std::set<int> numbers;
  for (std::size_t i = 0; i < p.lines.size(); ++i) {
    auto& l = p.lines[i];
    if (!numbers.insert(l.line).second) return bad(i, "line", "line number " + std::to_string(l.line) + " occurs twice");
    if (auto judged = judge(placed, l, i, catalog.find(l.sku)); !judged) return judged.error();
  }
  if (p.lines.size() > 1000 && banyan::to_json(placed).size() > most_bytes)
    return error{code::invalid_argument, "the order is too long to be recorded in one piece; split it"}.at("lines");
  return placed;
}

}  // namespace

banyan::result<order_placed> assess_order(const place_order& p, banyan::instant now) {
  auto placed = judge_lines(p, now);
  if (placed && beyond(placed->total.minor, most_pence))
    return error{code::invalid_argument, "an order is worth at most ten thousand million pounds"}.at("lines");
  return placed;
}

banyan::result<void> checkout::validate(const checkout& c) {
  const bool has_all_prices = std::ranges::all_of(c.lines, [](const line_request& l) { return l.unit_price.has_value(); });
  const place_order order{c.id.value_or("new"), c.customer, c.placed_at, c.kind, c.lines, {}, c.payment};
  if (auto placed = has_all_prices ? assess_order(order, {}) : judge_lines(order, {}); !placed) return placed.error();
  return {};
}

banyan::result<void> order::validate(const command& c) {
  if (auto* p = std::get_if<place_order>(&c)) {
    if (auto placed = assess_order(*p, {}); !placed) return placed.error();
  }
  if (auto* cancel = std::get_if<cancel_order>(&c); cancel && !cancel->reason.empty() && !is_name(cancel->reason, 128))
    return error{code::invalid_argument, "a reason " + name_rule(128)}.at("reason");
  return {};
}

banyan::decision<order> order::decide(const state& s, const command& c, const banyan::decision_context& ctx) {
  if (auto* p = std::get_if<place_order>(&c)) return place(s, *p, ctx);
  auto id = std::visit([](auto& x) { return x.id; }, c);
  if (!s.exists) return error{code::not_found, "no order " + id};
  if (std::get_if<review_order>(&c)) return accept<order>({}, order_state_reply{id, s.status});
  if (auto* a = std::get_if<abandon_order>(&c)) return abandon(s, *a);
  if (auto* earlier = std::get_if<conclude_earlier_order>(&c)) return conclude(s, *earlier);
  if (std::get_if<await_payment>(&c)) {
    if (s.status == order_status::cancelled) return refuse("order_cancelled", "order " + id + " is cancelled");
    if (s.status == order_status::confirmed || s.is_charged) return accept<order>({}, order_state_reply{id, s.status});
    return accept<order>({payment_awaited{id, true}}, order_state_reply{id, s.status});
  }
  if (std::get_if<confirm_order>(&c)) {
    if (s.status == order_status::cancelled) return refuse("order_cancelled", "order " + id + " is cancelled");
    confirmed_order confirmed{id, order_status::confirmed, returned_lines(s)};
    if (s.status == order_status::confirmed) return accept<order>({}, std::move(confirmed));
    return accept<order>({order_confirmed{id}}, std::move(confirmed));
  }
  auto& cancel = std::get<cancel_order>(c);
  if (s.status == order_status::cancelled) return refuse("order_cancelled", "order " + id + " is cancelled already");
  if (s.status == order_status::confirmed && std::ranges::any_of(s.lines, brought_goods_back))
    return refuse("goods_came_back", "order " + id + " brought goods back, which may be sold again already");
  return accept<order>({cancellation(s, id, cancel.reason)}, order_state_reply{id, order_status::cancelled});
}

void order::evolve(state& s, const event& e) {
  if (auto* p = std::get_if<order_placed>(&e)) s = {true, order_status::placed, p->placed_at, p->lines, p->total};
  if (auto* w = std::get_if<payment_awaited>(&e)) {
    s.is_charged = true;
    s.by_checkout = w->by_checkout.value_or(false);
  }
  if (std::get_if<order_confirmed>(&e)) s.status = order_status::confirmed;
  if (std::get_if<order_cancelled>(&e)) s.status = order_status::cancelled;
}

}  // namespace shop::orders
