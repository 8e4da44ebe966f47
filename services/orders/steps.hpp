// The steps of an order between its placing and its end, each a plain function that may be repeated: reserve the goods,
// have them paid for, confirm; and what undoes them. Who calls them in which order, and what for, is fulfilment.hpp's
// business.
//
// An error is about the step, which is tried again with whatever caused it; a refusal that decides whether the order
// goes on is a value.
#pragma once

#include <services/inventory/api.hpp>
#include <services/orders/events.hpp>
#include <services/payments/api.hpp>

#include <banyan/actor/task.hpp>
#include <banyan/service/context.hpp>

#include <optional>
#include <vector>

namespace shop::orders {

using order_context = banyan::context<inventory::inventory_api, orders_api, payments::payments_api>;

struct reservation {
  std::vector<inventory::take_stock> taken;  // movements that were made
  std::optional<banyan::error> refusal;      // the goods of a line that are not there
};

// The goods of the lines that are sold leave the stock.
banyan::task<banyan::result<reservation>> reserve_goods(order_context& ctx, const order_placed& e);
// These goods come back.
banyan::task<banyan::result<banyan::done>> give_back(order_context& ctx,
                                                     const std::vector<inventory::take_stock>& taken);
// What a cancelled order had reserved comes back.
banyan::task<banyan::result<banyan::done>> give_back(order_context& ctx, const order_cancelled& e);

// Whether an order is to be charged: it costs something. One that pays out, or costs nothing, is settled at the till,
// not by card.
bool has_price(const order_placed& e);
// The order waits for its money from now on, and the payment is requested. False: the order is cancelled, or its
// payment called off.
banyan::task<banyan::result<bool>> request_payment(order_context& ctx, const order_placed& e);
banyan::task<banyan::result<banyan::done>> refund_payment(order_context& ctx, const order_cancelled& e);

// Confirms the order, then what it brings back comes in. False: it is cancelled.
banyan::task<banyan::result<bool>> confirm(order_context& ctx, const std::string& id);
// Cancels the order, if it is not cancelled already.
banyan::task<banyan::result<banyan::done>> cancel(order_context& ctx, const std::string& id, const std::string& reason);

}  // namespace shop::orders
