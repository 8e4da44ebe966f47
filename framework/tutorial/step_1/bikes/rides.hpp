// What a bike may be asked, and what it stores.
#pragma once

#include <banyan/core/json.hpp>
#include <banyan/journal/event.hpp>

#include <cstdint>
#include <string>

namespace bikes {

struct ride {
  std::string bike, rider;
  std::int64_t minutes = 0;  // begun minutes; 0 as long as the bike is out
};
BOOST_DESCRIBE_STRUCT(ride, (), (bike, rider, minutes))

struct rent_bike {
  using reply = ride;
  std::string bike, rider;
};
BOOST_DESCRIBE_STRUCT(rent_bike, (), (bike, rider))

struct return_bike {
  using reply = ride;
  std::string bike;
};
BOOST_DESCRIBE_STRUCT(return_bike, (), (bike))

struct bike_rented {
  static constexpr banyan::stored_as stored{"bikes.rented", 1};
  std::string bike, rider;
  banyan::instant at;
};
BOOST_DESCRIBE_STRUCT(bike_rented, (), (bike, rider, at))

struct bike_returned {
  static constexpr banyan::stored_as stored{"bikes.returned", 1};
  std::string bike, rider;
  std::int64_t minutes = 0;
};
BOOST_DESCRIBE_STRUCT(bike_returned, (), (bike, rider, minutes))

}  // namespace bikes
