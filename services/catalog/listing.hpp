// The aggregate of a product: its current description and price. A command that changes nothing records no event.
#pragma once

#include <services/catalog/events.hpp>

#include <banyan/event_sourcing/aggregate.hpp>

#include <variant>

namespace shop::catalog {

struct listing {
  using command = std::variant<put_product>;
  using event = std::variant<product_put>;
  struct state {
    std::optional<product> current;
  };
  static banyan::result<void> validate(const command& c);
  static banyan::decision<listing> decide(const state& s, const command& c, const banyan::decision_context& ctx);
  static void evolve(state& s, const event& e);
};
BOOST_DESCRIBE_STRUCT(listing::state, (), (current))

}  // namespace shop::catalog
