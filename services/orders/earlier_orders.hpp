// Orders that waited for their money when the shop had no sagas yet: no checkout waits for it. Nothing is left to do
// here once the last of them is confirmed or cancelled.
#pragma once

#include <services/inventory/api.hpp>
#include <services/orders/api.hpp>
#include <services/payments/events.hpp>

#include <banyan/actor/task.hpp>
#include <banyan/service/context.hpp>

namespace shop::orders {

// The end of the payment of any order: one of before is confirmed or cancelled, and what it brings back comes in.
banyan::task<banyan::result<banyan::done>> conclude_earlier(
    banyan::context<inventory::inventory_api, orders_api> ctx, const payments::payment_concluded& e);

}  // namespace shop::orders
