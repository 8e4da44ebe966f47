// The checkout of a cart: what is in it becomes an order.
//
// What is to be ordered is recorded first, with the order's id; it leaves the cart with that. Then the order is placed,
// which may be repeated under its id, and then the end is recorded. Whoever asked does it at once; should he be cut off
// in between, a subscription to the first event does the same, so that no cart stays halfway, and nothing is ordered
// twice.
#pragma once

#include <services/cart/events.hpp>

#include <banyan/actor/task.hpp>
#include <banyan/service/context.hpp>

namespace shop::cart {

// POST /carts/{customer}/checkout.
banyan::task<banyan::result<orders::order_reply>> check_out(banyan::context<cart_api, orders::orders_api> ctx,
                                                            const check_out_cart& m);

// A checkout was begun: it is ended, unless it is by now.
banyan::task<banyan::result<banyan::done>> finish_checkout(banyan::context<cart_api, orders::orders_api> ctx,
                                                           const checkout_begun& e);

}  // namespace shop::cart
