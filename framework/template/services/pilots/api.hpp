// What other services and the edge may ask this service.
#pragma once

#include <banyan/core/json.hpp>
#include <banyan/plan/operation.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace harbour::pilots {

struct pilot_check {
  bool accepted = false;
  std::optional<std::string> reason{};  // why not
};
BOOST_DESCRIBE_STRUCT(pilot_check, (), (accepted, reason))

// Tells whether these would be accepted. Stores nothing.
struct check_pilot {
  using reply = pilot_check;
  std::string id, note;
};
BOOST_DESCRIBE_STRUCT(check_pilot, (), (id, note))

struct pilots_api {
  static constexpr std::string_view name = "pilots";
  using operations = banyan::operations<
      // Only computes.
      banyan::op<check_pilot, banyan::idempotent::always>>;
};

}  // namespace harbour::pilots
