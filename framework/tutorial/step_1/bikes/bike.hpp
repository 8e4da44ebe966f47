// The aggregate: one bike, which has one rider at a time.
#pragma once

#include <bikes/rides.hpp>

#include <banyan/event_sourcing/aggregate.hpp>

#include <optional>
#include <variant>

namespace bikes {

struct bike {
  using command = std::variant<rent_bike, return_bike>;
  using event = std::variant<bike_rented, bike_returned>;
  struct state {
    std::optional<bike_rented> rental;
  };
  static banyan::result<void> validate(const command& c);
  static banyan::decision<bike> decide(const state& s, const command& c, const banyan::decision_context& ctx);
  static void evolve(state& s, const event& e);
};
BOOST_DESCRIBE_STRUCT(bike::state, (), (rental))

}  // namespace bikes
