#include <groups/service.hpp>

#include <banyan/ambassador/ambassador.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/saga/saga.hpp>

namespace groups {

using bikes::bikes_api, bikes::rent_bike, bikes::return_bike;

banyan::durable<banyan::result<group>> rent_all(group_context ctx, const rent_group& g) {
  int rented = 0;
  for (const auto& bike : g.bikes) {
    auto ride = co_await ctx.ask<bikes_api, rent_bike>(bike, g.rider).undone_by<bikes_api, return_bike>(bike);
    if (!ride) co_return ride.error();  // those that are rented by now are returned, the last one first
    ++rented;
  }
  co_return group{g.id, rented};
}

namespace {

std::string group_id(const rent_group& g) { return g.id; }

}  // namespace

banyan::plan describe() {
  return banyan::service<groups_api>(
      banyan::ambassador<bikes_api>{},
      banyan::saga<rent_all>{.name = "groups.rent", .id = group_id},
      banyan::http_routes{.routes = std::vector{banyan::command<rent_group>("POST /groups/{id}")}});
}

}  // namespace groups
