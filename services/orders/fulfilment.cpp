#include <services/orders/fulfilment.hpp>

#include <map>

namespace shop::orders {

using banyan::code;
using banyan::done;
using banyan::error;
using banyan::result;
using banyan::task;
using inventory::take_stock;

namespace {

std::string as_pounds(std::int64_t minor) {
  auto pence = std::to_string(minor % 100);
  return std::to_string(minor / 100) + "." + (pence.size() < 2 ? "0" + pence : pence);
}

std::vector<take_stock> movements(const std::string& order, const std::vector<placed_line>& lines, bool back) {
  std::vector<take_stock> all;
  for (auto& l : lines) all.push_back({l.sku, order, l.line, back ? -l.quantity : l.quantity, back ? "give_back" : "sale"});
  return all;
}

}  // namespace

task<result<order_reply>> check_out(banyan::context<catalog::catalog_api, orders_api> ctx, const checkout& m) {
  auto lines = m.lines;
  std::vector<std::string> unpriced;
  for (auto& l : lines)
    if (!l.unit_price) unpriced.push_back(l.sku);
  if (!unpriced.empty()) {
    auto listed = co_await ctx.ask<catalog::catalog_api, catalog::get_products>(unpriced);
    if (!listed) co_return listed.error();
    std::map<std::string, std::int64_t> prices;
    for (auto& p : listed->found) prices[p.sku] = p.price.minor;
    for (auto& l : lines)
      if (auto found = prices.find(l.sku); !l.unit_price && found != prices.end()) l.unit_price = as_pounds(found->second);
  }
  auto id = m.id ? *m.id : to_string(ctx.new_id());
  co_return co_await ctx.ask<orders_api, place_order>(id, m.customer, m.placed_at, m.kind, lines);
}

task<result<done>> fill_order(banyan::context<inventory::inventory_api, orders_api> ctx, const order_placed& e) {
  auto wanted = movements(e.id, e.lines, false);
  auto taken = co_await ctx.ask_all<inventory::inventory_api, take_stock>(wanted);
  std::vector<placed_line> to_give_back;
  std::optional<error> refusal;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    if (taken[i]) {
      if (taken[i]->tracked) to_give_back.push_back(e.lines[i]);
    } else if (taken[i].error().code == code::refused) {
      refusal = taken[i].error();
    } else {
      co_return taken[i].error();  // tried again: lines that were taken answer the same
    }
  }
  if (!refusal) {
    auto confirmed = co_await ctx.ask<orders_api, confirm_order>(e.id);
    if (confirmed) co_return done{};
    if (confirmed.error().reason != "order_cancelled") co_return confirmed.error();
    // Cancelled before it was filled: what was taken comes back.
  }
  auto back = movements(e.id, to_give_back, true);
  auto given_back = co_await ctx.ask_all<inventory::inventory_api, take_stock>(back);
  for (auto& g : given_back)
    if (!g) co_return g.error();
  if (refusal) {
    auto cancelled = co_await ctx.ask<orders_api, cancel_order>(e.id, refusal->reason);
    if (!cancelled && cancelled.error().reason != "order_cancelled") co_return cancelled.error();
  }
  co_return done{};
}

task<result<done>> restock(banyan::context<inventory::inventory_api> ctx, const order_cancelled& e) {
  if (!e.was_confirmed) co_return done{};
  auto back = movements(e.id, e.lines, true);
  auto given_back = co_await ctx.ask_all<inventory::inventory_api, take_stock>(back);
  for (auto& g : given_back)
    if (!g) co_return g.error();
  co_return done{};
}

}  // namespace shop::orders
