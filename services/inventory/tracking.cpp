#include <services/inventory/tracking.hpp>

namespace shop::inventory {

banyan::task<banyan::result<banyan::done>> track_product(banyan::context<inventory_api> ctx,
                                                         const catalog::product_put& e) {
  if (!e.stocked) co_return banyan::done{};
  auto tracked = co_await ctx.ask<inventory_api, track_sku>(e.sku);
  if (!tracked) co_return tracked.error();
  co_return banyan::done{};
}

}  // namespace shop::inventory
