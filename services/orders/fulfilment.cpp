#include <services/orders/fulfilment.hpp>

#include <services/orders/order.hpp>

#include <set>

namespace shop::orders {

using banyan::done;
using banyan::result;
using banyan::task;

namespace {

// The catalog is asked for each SKU once.
std::vector<std::string> skus_of(const std::vector<line_request>& lines) {
  std::set<std::string> skus;
  for (auto& l : lines) skus.insert(l.sku);
  return {skus.begin(), skus.end()};
}

}  // namespace

task<result<order_reply>> check_out(banyan::context<catalog::catalog_api, orders_api> ctx, const checkout& m) {
  place_order order{m.id ? *m.id : to_string(ctx.new_id()), m.customer, m.placed_at, m.kind, m.lines, {}, m.payment};
  if (auto skus = skus_of(m.lines); !skus.empty() && skus.size() <= catalog::get_products::most) {
    auto products = co_await ctx.ask<catalog::catalog_api, catalog::get_products>(skus);
    if (!products) co_return products.error();
    order.listed.emplace();
    for (auto& p : products->found) order.listed->push_back({p.sku, p.price, p.stocked});
  }
  // The aggregate says the same, but remembers it under the order's id: who corrects a mistake would have to think of
  // another id.
  if (auto assessed = assess_order(order, ctx.now()); !assessed) co_return assessed.error();
  co_return co_await ctx.ask<orders_api, place_order>(order);
}

task<result<done>> fill_order(order_context ctx, const order_placed& e) {
  auto reserved = co_await reserve_goods(ctx, e);
  if (!reserved) co_return reserved.error();
  bool goes_on = false;
  if (reserved->refusal) {
    // Recorded before anything comes back. What was refused may be there when it is asked for again; an order that is
    // cancelled by then is not confirmed, and the line goes back with the others.
    auto cancelled = co_await cancel(ctx, e.id, reserved->refusal->reason);
    if (!cancelled) co_return cancelled.error();
  } else {
    auto next = has_price(e) ? request_payment(ctx, e) : confirm(ctx, e.id);
    auto went_on = co_await next;
    if (!went_on) co_return went_on.error();
    goes_on = *went_on;
  }
  if (goes_on) co_return done{};
  co_return co_await give_back(ctx, reserved->taken);
}

task<result<done>> conclude_order(order_context ctx, const payments::payment_concluded& e) {
  switch (e.how) {
    case payments::conclusion::declined:
      co_return co_await cancel(ctx, e.order, "payment_declined");
    case payments::conclusion::mismatched:
      co_return co_await cancel(ctx, e.order, "payment_mismatched");
    case payments::conclusion::captured:
      break;
  }
  auto confirmed = co_await confirm(ctx, e.order);
  if (!confirmed) co_return confirmed.error();
  co_return done{};  // one that was cancelled meanwhile is taken back by its cancellation
}

task<result<done>> take_back(order_context ctx, const order_cancelled& e) {
  if (!e.was_confirmed && !e.was_charged.value_or(false)) co_return done{};  // whoever fills it gives back what it took
  auto returned = co_await give_back(ctx, e);
  if (!returned) co_return returned.error();
  if (!e.was_charged.value_or(false)) co_return done{};  // it cost nothing, or is from before there were payments
  co_return co_await refund_payment(ctx, e);
}

}  // namespace shop::orders
