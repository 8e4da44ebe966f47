#include <services/orders/pricing.hpp>

#include <services/orders/order.hpp>

#include <set>

namespace shop::orders {

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

task<result<order_reply>> price_order(banyan::context<catalog::catalog_api, orders_api> ctx, const checkout& m) {
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

}  // namespace shop::orders
