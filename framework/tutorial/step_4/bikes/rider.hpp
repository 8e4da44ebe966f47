// A query, and its answer.
#pragma once

#include <banyan/core/json.hpp>

#include <cstdint>
#include <string>

namespace bikes {

struct rider_summary {
  std::string name;
  std::int64_t rides = 0;  // begun
  std::int64_t cents = 0;  // owed
};
BOOST_DESCRIBE_STRUCT(rider_summary, (), (name, rides, cents))

struct get_rider {
  using reply = rider_summary;
  std::string rider;
};
BOOST_DESCRIBE_STRUCT(get_rider, (), (rider))

}  // namespace bikes
