// The operations of the service.
#pragma once

#include <bikes/rides.hpp>

#include <banyan/plan/operation.hpp>

#include <string_view>

namespace bikes {

struct bikes_api {
  static constexpr std::string_view name = "bikes";
  using operations = banyan::operations<
      banyan::op<rent_bike, banyan::idempotent::by_key>,
      banyan::op<return_bike, banyan::idempotent::by_key>>;
};

}  // namespace bikes
