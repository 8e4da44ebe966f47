// Another service: the weather in a city.
#pragma once

#include <banyan/core/json.hpp>
#include <banyan/plan/operation.hpp>
#include <banyan/plan/plan.hpp>

#include <string>
#include <string_view>

namespace weather {

struct forecast {
  std::string city;
  int celsius = 0;
};
BOOST_DESCRIBE_STRUCT(forecast, (), (city, celsius))

struct get_forecast {
  using reply = forecast;
  std::string city;
};
BOOST_DESCRIBE_STRUCT(get_forecast, (), (city))

struct weather_api {
  static constexpr std::string_view name = "weather";
  using operations = banyan::operations<banyan::op<get_forecast, banyan::idempotent::always>>;
};

banyan::plan describe();

}  // namespace weather
