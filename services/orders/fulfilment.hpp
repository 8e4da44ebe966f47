// The handlers of the orders service that call other services: price an order from the catalog, take its goods from
// stock once it is placed, and return them when it can not be filled. Plain functions; every step has an id of its own,
// so that a repeated step has no second effect.
#pragma once

#include <services/catalog/api.hpp>
#include <services/inventory/api.hpp>
#include <services/orders/events.hpp>

#include <banyan/actor/task.hpp>
#include <banyan/service/context.hpp>

namespace shop::orders {

// POST /orders: asks the catalog, in one question, what every SKU costs and whether there is stock of it, then places the order.
banyan::task<banyan::result<order_reply>> check_out(banyan::context<catalog::catalog_api, orders_api> ctx, const checkout& m);

// An order was placed: its goods leave the stock, then it is confirmed, then what it brings back comes in; or, when something is out of
// stock, it is cancelled and what was taken comes back. In this order, because whatever must be undone is then goods that come back,
// which always works: goods that an order brought in could be sold again by the time it fails. Nothing comes back before the order is
// cancelled: a retry finds the lines that were taken answered as before, but one that was refused may be decided anew.
banyan::task<banyan::result<banyan::done>> fill_order(banyan::context<inventory::inventory_api, orders_api> ctx, const order_placed& e);

// A confirmed order was cancelled: its goods come back.
banyan::task<banyan::result<banyan::done>> restock(banyan::context<inventory::inventory_api> ctx, const order_cancelled& e);

}  // namespace shop::orders
