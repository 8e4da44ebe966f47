// The subscription to the catalog: a product of which there is stock has a stock item from the day it is listed.
#pragma once

#include <services/catalog/events.hpp>
#include <services/inventory/api.hpp>

#include <banyan/actor/task.hpp>
#include <banyan/service/context.hpp>

namespace shop::inventory {

banyan::task<banyan::result<banyan::done>> track_product(banyan::context<inventory_api> ctx,
                                                         const catalog::product_put& e);

}  // namespace shop::inventory
