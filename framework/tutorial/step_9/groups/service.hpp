// The service: a group rents several bikes, or none.
#pragma once

#include <bikes/api.hpp>

#include <banyan/core/json.hpp>
#include <banyan/plan/operation.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/saga/context.hpp>
#include <banyan/saga/durable.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace groups {

struct group {
  std::string id;
  int bikes = 0;
};
BOOST_DESCRIBE_STRUCT(group, (), (id, bikes))

struct rent_group {
  using reply = group;
  std::string id, rider;
  std::vector<std::string> bikes;
};
BOOST_DESCRIBE_STRUCT(rent_group, (), (id, rider, bikes))

struct groups_api {
  static constexpr std::string_view name = "groups";
  using operations = banyan::operations<banyan::op<rent_group, banyan::idempotent::by_key>>;
};

using group_context = banyan::saga_context<bikes::bikes_api>;

// The saga.
banyan::durable<banyan::result<group>> rent_all(group_context ctx, const rent_group& g);

banyan::plan describe();

}  // namespace groups
