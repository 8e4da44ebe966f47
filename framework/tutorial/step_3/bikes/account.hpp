// A second aggregate: what a rider owes.
#pragma once

#include <banyan/core/json.hpp>
#include <banyan/event_sourcing/aggregate.hpp>

#include <cstdint>
#include <string>
#include <variant>

namespace bikes {

struct balance {
  std::string rider;
  std::int64_t cents = 0;
};
BOOST_DESCRIBE_STRUCT(balance, (), (rider, cents))

struct charge_ride {
  using reply = balance;
  std::string rider;
  std::int64_t minutes = 0;
};
BOOST_DESCRIBE_STRUCT(charge_ride, (), (rider, minutes))

struct ride_charged {
  static constexpr banyan::stored_as stored{"accounts.ride_charged", 1};
  std::string rider;
  std::int64_t cents = 0;
};
BOOST_DESCRIBE_STRUCT(ride_charged, (), (rider, cents))

struct account {
  using command = std::variant<charge_ride>;
  using event = std::variant<ride_charged>;
  struct state {
    std::int64_t cents = 0;
  };
  static banyan::decision<account> decide(const state& s, const command& c, const banyan::decision_context&);
  static void evolve(state& s, const event& e);
};
BOOST_DESCRIBE_STRUCT(account::state, (), (cents))

}  // namespace bikes
