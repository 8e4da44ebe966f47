// The aggregate of an order: placed once, then confirmed or cancelled.
//
// Lines are judged one by one: a price of zero or less, or a quantity of zero, rejects the line and not the order; an order without an
// accepted line is refused. Prices are rounded to pence half up, per unit.
#pragma once

#include <services/orders/events.hpp>

#include <banyan/event_sourcing/aggregate.hpp>

#include <variant>

namespace shop::orders {

struct order {
  using command = std::variant<place_order, confirm_order, cancel_order>;
  using event = std::variant<order_placed, order_confirmed, order_cancelled>;
  struct state {
    bool exists = false;
    order_status status = order_status::placed;
    banyan::instant placed_at;
    std::vector<placed_line> lines;
    banyan::money total;
  };
  static banyan::decision<order> decide(const state& s, const command& c, const banyan::decision_context& ctx);
  static void evolve(state& s, const event& e);
};
BOOST_DESCRIBE_STRUCT(order::state, (), (exists, status, placed_at, lines, total))

}  // namespace shop::orders
