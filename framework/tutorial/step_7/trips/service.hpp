// The service: whether a trip is a good idea.
#pragma once

#include <banyan/core/json.hpp>
#include <banyan/plan/operation.hpp>
#include <banyan/plan/plan.hpp>

#include <string>
#include <string_view>

namespace trips {

struct advice {
  std::string city;
  bool ride = false;
};
BOOST_DESCRIBE_STRUCT(advice, (), (city, ride))

struct get_advice {
  using reply = advice;
  std::string city;
};
BOOST_DESCRIBE_STRUCT(get_advice, (), (city))

struct trips_api {
  static constexpr std::string_view name = "trips";
  using operations = banyan::operations<banyan::op<get_advice, banyan::idempotent::always>>;
};

banyan::plan describe();

}  // namespace trips
