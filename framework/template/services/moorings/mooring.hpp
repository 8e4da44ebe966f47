// banyan: file event_sourcing
// The aggregate: placed once, then confirmed. Pure functions of state and command.
#pragma once

#include <services/moorings/api.hpp>
#include <services/moorings/events.hpp>

#include <banyan/event_sourcing/aggregate.hpp>

#include <optional>
#include <variant>

namespace harbour::moorings {

struct mooring {
  using command = std::variant<place_mooring, confirm_mooring>;
  using event = std::variant<mooring_placed, mooring_confirmed>;
  struct state {
    std::optional<mooring_record> record;
  };
  static banyan::result<void> validate(const command& c);
  static banyan::decision<mooring> decide(const state& s, const command& c, const banyan::decision_context&);
  static void evolve(state& s, const event& e);
};
BOOST_DESCRIBE_STRUCT(mooring::state, (), (record))

}  // namespace harbour::moorings
