// POST /orders: prices an order from the catalog and places it. What follows is the checkout's business (checkout.hpp).
#pragma once

#include <services/catalog/api.hpp>
#include <services/orders/api.hpp>

#include <banyan/actor/task.hpp>
#include <banyan/service/context.hpp>

namespace shop::orders {

// Asks the catalog, in one question, what every SKU costs and whether there is stock of it, then places the order.
banyan::task<banyan::result<order_reply>> price_order(banyan::context<catalog::catalog_api, orders_api> ctx,
                                                      const checkout& m);

}  // namespace shop::orders
