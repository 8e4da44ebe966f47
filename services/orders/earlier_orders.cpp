#include <services/orders/earlier_orders.hpp>

#include <services/orders/goods.hpp>

namespace shop::orders {

using banyan::done;
using banyan::result;
using payments::conclusion;

banyan::task<result<done>> conclude_earlier(banyan::context<inventory::inventory_api, orders_api> ctx,
                                            const payments::payment_concluded& e) {
  const std::string failure = e.how == conclusion::captured   ? ""
                              : e.how == conclusion::declined ? "payment_declined"
                                                              : "payment_mismatched";
  auto concluded = co_await ctx.ask<orders_api, conclude_earlier_order>(e.order, failure);
  if (!concluded) co_return concluded.error();
  for (const auto& m : returned_goods(*concluded)) {
    auto came_in = co_await ctx.ask<inventory::inventory_api, inventory::take_stock>(m);
    if (!came_in) co_return came_in.error();
  }
  co_return done{};
}

}  // namespace shop::orders
