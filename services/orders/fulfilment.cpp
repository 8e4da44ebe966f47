#include <services/orders/fulfilment.hpp>

#include <services/orders/order.hpp>

#include <algorithm>
#include <set>

namespace shop::orders {

using banyan::code;
using banyan::done;
using banyan::error;
using banyan::result;
using banyan::task;
using inventory::take_stock;

namespace {

constexpr std::size_t at_once = 256;  // movements under way together: a SKU's queue is bounded, and an order may have 10,000 lines of one

// The catalog is asked for each SKU once.
std::vector<std::string> skus_of(const std::vector<line_request>& lines) {
  std::set<std::string> skus;
  for (auto& l : lines) skus.insert(l.sku);
  return {skus.begin(), skus.end()};
}

// The movements of those lines that concern a stock: `sign` > 0: lines whose goods leave it, < 0: those whose goods come in.
std::vector<take_stock> movements(const std::string& order, const std::vector<placed_line>& lines, int sign) {
  std::vector<take_stock> all;
  for (auto& l : lines)
    if (l.stocked.value_or(true) && (l.quantity > 0) == (sign > 0)) all.push_back({l.sku, order, l.line, l.quantity, "sale", l.stocked});
  return all;
}

take_stock undone(take_stock m) {
  m.quantity = -m.quantity;
  m.purpose = "give_back";
  return m;
}

// Answers in the order of the movements. Stops after the batch in which one could not be made for now.
template <class Context>
task<std::vector<result<inventory::stock_taken>>> move_goods(Context& ctx, const std::vector<take_stock>& all) {
  std::vector<result<inventory::stock_taken>> answers;
  for (std::size_t from = 0; from < all.size(); from += at_once) {
    std::vector<take_stock> batch(all.begin() + static_cast<std::ptrdiff_t>(from),
                                  all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), from + at_once)));
    auto moved = co_await ctx.template ask_all<inventory::inventory_api, take_stock>(batch);
    bool all_moved = true;
    for (auto& m : moved) {
      all_moved = all_moved && m;
      answers.push_back(std::move(m));
    }
    if (!all_moved) break;
  }
  co_return answers;
}

// Movements that nothing can refuse; an error is tried again with the whole event.
template <class Context>
task<result<done>> bring_in(Context& ctx, const std::vector<take_stock>& all) {
  auto moved = co_await move_goods(ctx, all);
  for (auto& m : moved)
    if (!m) co_return m.error();
  co_return done{};
}

}  // namespace

task<result<order_reply>> check_out(banyan::context<catalog::catalog_api, orders_api> ctx, const checkout& m) {
  place_order order{m.id ? *m.id : to_string(ctx.new_id()), m.customer, m.placed_at, m.kind, m.lines, {}};
  if (auto skus = skus_of(m.lines); !skus.empty() && skus.size() <= catalog::get_products::most) {
    auto products = co_await ctx.ask<catalog::catalog_api, catalog::get_products>(skus);
    if (!products) co_return products.error();
    order.listed.emplace();
    for (auto& p : products->found) order.listed->push_back({p.sku, p.price, p.stocked});
  }
  // The aggregate says the same, but remembers it under the order's id: who corrects a mistake would have to think of another id.
  if (auto assessed = assess_order(order, ctx.now()); !assessed) co_return assessed.error();
  co_return co_await ctx.ask<orders_api, place_order>(order);
}

task<result<done>> fill_order(banyan::context<inventory::inventory_api, orders_api> ctx, const order_placed& e) {
  auto wanted = movements(e.id, e.lines, 1);
  auto taken = co_await move_goods(ctx, wanted);
  std::vector<take_stock> to_give_back;
  std::optional<error> refusal;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    if (taken[i]) {
      if (taken[i]->tracked) to_give_back.push_back(undone(wanted[i]));
    } else if (taken[i].error().code == code::refused) {
      refusal = taken[i].error();
    } else {
      co_return taken[i].error();  // tried again: lines that were taken answer the same
    }
  }
  if (!refusal) {
    auto confirmed = co_await ctx.ask<orders_api, confirm_order>(e.id);
    if (confirmed) {
      auto returned = movements(e.id, e.lines, -1);
      co_return co_await bring_in(ctx, returned);
    }
    if (confirmed.error().reason != "order_cancelled") co_return confirmed.error();
    // Cancelled before it was filled: what was taken comes back.
  } else {
    // Recorded before anything comes back. What was refused may be there when it is asked for again; an order that is
    // cancelled by then is not confirmed, and the line goes back with the others.
    auto cancelled = co_await ctx.ask<orders_api, cancel_order>(e.id, refusal->reason);
    if (!cancelled && cancelled.error().reason != "order_cancelled") co_return cancelled.error();
  }
  co_return co_await bring_in(ctx, to_give_back);
}

task<result<done>> restock(banyan::context<inventory::inventory_api> ctx, const order_cancelled& e) {
  if (!e.was_confirmed) co_return done{};
  std::vector<take_stock> back;
  for (auto& m : movements(e.id, e.lines, 1)) back.push_back(undone(std::move(m)));
  co_return co_await bring_in(ctx, back);
}

}  // namespace shop::orders
