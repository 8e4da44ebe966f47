// The sagas of an order, between its placing and its end: durable functions, each step of which may be repeated.
//
// In what order things happen decides what a crash, or a customer who cancels, can find in between:
//   - goods are reserved before money is asked for: nobody pays for what is not there;
//   - the order records that it waits before its payment is requested;
//   - the order itself decides between its confirmation and its cancellation. A checkout whose order is cancelled is
//     undone: what it took comes back, what it charged is paid back, or called off;
//   - what a confirmed order brings in comes in last: it may be sold again at once, so that nothing could undo it.
//
// All that is asked for has a key of the order's (goods.hpp, payments/api.hpp). A checkout may therefore take over an
// order of which some goods are taken, as one that the shop was filling when it had no sagas yet.
#pragma once

#include <services/inventory/api.hpp>
#include <services/orders/events.hpp>
#include <services/payments/api.hpp>

#include <banyan/saga/context.hpp>
#include <banyan/saga/durable.hpp>

#include <chrono>

namespace shop::orders {

// How long an order waits for its money before it is cancelled: the acquirer may be away, or ask the customer's bank.
inline constexpr std::chrono::hours payment_deadline{24};

using checkout_context = banyan::saga_context<inventory::inventory_api, payments::payments_api, orders_api>;
using return_context = banyan::saga_context<inventory::inventory_api, payments::payments_api>;

// An order was placed: its goods are reserved and it is charged; when the payment is approved ("payment", an event of
// payments) it is confirmed, and what it brings back comes in. Without goods, or without money in time, it is
// cancelled and undone, last step first. So it is when its customer cancels it ("cancelled") before it is confirmed. An
// order that costs nothing, or pays out, is settled at the till and not charged.
banyan::durable<banyan::result<order_state_reply>> check_out(checkout_context ctx, const order_placed& e);

// An order was cancelled after it was confirmed: its money is paid back, and its goods go back into stock. Of an order
// that was not confirmed this is its checkout's business.
banyan::durable<banyan::result<order_state_reply>> take_back(return_context ctx, const order_cancelled& e);

}  // namespace shop::orders
