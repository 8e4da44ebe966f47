// The aggregate of an order: placed once, then confirmed or cancelled; between them it waits for its money when it has
// a price.
//
// Lines are checked one by one: an unknown SKU without a price, a price of zero or less, or a quantity of zero rejects
// the line, not the order; an order without an accepted line is refused. Prices are rounded to pence half up, per unit.
// A value out of bounds (pieces, pence, bytes) is an error of the whole order, so that no sum overflows.
//
// A confirmed order with returned goods (lines of negative quantity) can not be cancelled: the goods may have been sold
// since, and stock must not go below zero.
#pragma once

#include <services/orders/events.hpp>

#include <banyan/event_sourcing/aggregate.hpp>

#include <variant>

namespace shop::orders {

// The order that `p` makes, every line accepted or rejected. Depends on nothing but what it is given, so that a mistake is told before the
// order's id is used up by it. Errors: invalid_argument with the field.
banyan::result<order_placed> assess_order(const place_order& p, banyan::instant now);

struct order {
  using command = std::variant<place_order, review_order, await_payment, confirm_order, cancel_order, abandon_order,
                               conclude_earlier_order>;
  using event = std::variant<order_placed, payment_awaited, order_confirmed, order_cancelled>;
  struct state {
    bool exists = false;
    order_status status = order_status::placed;
    banyan::instant placed_at;
    std::vector<placed_line> lines;
    banyan::money total;
    bool is_charged = false;  // its payment was awaited
    bool by_checkout = false;  // by a saga
  };
  static banyan::result<void> validate(const command& c);
  static banyan::decision<order> decide(const state& s, const command& c, const banyan::decision_context& ctx);
  static void evolve(state& s, const event& e);
};
BOOST_DESCRIBE_STRUCT(order::state, (), (exists, status, placed_at, lines, total, is_charged, by_checkout))

}  // namespace shop::orders
