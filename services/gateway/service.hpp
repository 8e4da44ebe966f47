// The edge of the shop: serves the shop front. The JSON API's routes are declared by the services that answer them.
#pragma once

#include <banyan/http/static_files.hpp>
#include <banyan/plan/plan.hpp>

#include <vector>

namespace shop::gateway {

struct gateway_api {
  static constexpr std::string_view name = "gateway";
  using operations = banyan::operations<>;
};

banyan::plan describe(std::vector<banyan::static_file> page);

}  // namespace shop::gateway
