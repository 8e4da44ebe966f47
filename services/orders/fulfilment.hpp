// The handlers of the orders service that call other services: price an order from the catalog; and reserve -> charge
// -> confirm, or give back. Plain functions; every step (steps.hpp) has an id of its own, so that a repeated step has
// no second effect.
//
// An order waits for its money without holding anybody up: whoever filled it is done when the payment is requested, and
// its end is an event of payments. What it had reserved stays reserved meanwhile. In what order things happen decides
// what a crash, or a customer who cancels, can find in between:
//   - goods are reserved before money is asked for: nobody pays for what is not there;
//   - the order records that it waits before the payment is requested, so that a cancellation knows that there may be
//   one;
//   - a cancelled order calls its payment off, which also stops one that is requested afterwards, or pays it back once
//   it is known.
#pragma once

#include <services/catalog/api.hpp>
#include <services/orders/steps.hpp>
#include <services/payments/events.hpp>

#include <banyan/actor/task.hpp>
#include <banyan/service/context.hpp>

namespace shop::orders {

// POST /orders: asks the catalog, in one question, what every SKU costs and whether there is stock of it, then places
// the order.
banyan::task<banyan::result<order_reply>> check_out(banyan::context<catalog::catalog_api, orders_api> ctx,
                                                    const checkout& m);

// An order was placed: its goods leave the stock, then it waits for its money; one that costs nothing, or pays out, is
// confirmed at once, and what it brings back comes in. When something is out of stock, it is cancelled and what was
// taken comes back. In this order, because whatever must be undone is then goods that come back, which always works:
// goods that an order brought in could be sold again by the time it fails. Nothing comes back before the order is
// cancelled: a retry finds the lines that were taken answered as before, but one that was refused may be decided anew.
banyan::task<banyan::result<banyan::done>> fill_order(order_context ctx, const order_placed& e);

// The payment's end is known: captured, and the order is confirmed; declined or mismatched, and it is cancelled.
banyan::task<banyan::result<banyan::done>> conclude_order(order_context ctx, const payments::payment_concluded& e);

// An order was cancelled that was confirmed, or whose goods were reserved: they come back, and so does its money.
banyan::task<banyan::result<banyan::done>> take_back(order_context ctx, const order_cancelled& e);

}  // namespace shop::orders
