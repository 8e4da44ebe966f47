#include <bikes/service.hpp>

#include <bikes/account.hpp>
#include <bikes/api.hpp>
#include <bikes/bike.hpp>
#include <bikes/billing.hpp>

#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/sharding/sharded.hpp>

namespace bikes {

namespace {

std::string bike_of(const bike::command& c) {
  return std::visit([](const auto& x) { return x.bike; }, c);
}

std::string rider_of(const account::command& c) { return std::get<charge_ride>(c).rider; }

std::vector<banyan::route_spec> routes() {
  return {banyan::command<rent_bike>("POST /bikes/{bike}/rent"),
          banyan::command<return_bike>("POST /bikes/{bike}/return")};
}

}  // namespace

banyan::plan describe() {
  return banyan::service<bikes_api>(
      banyan::event_sourced<bike>{.journal = "bikes"},
      banyan::sharded<bike>{.entity = bike_of, .shards = 16},
      banyan::event_sourced<account>{.journal = "accounts"},
      banyan::sharded<account>{.entity = rider_of, .shards = 16},
      banyan::publishes<bike_returned>{.topic = "bikes.returned"},
      banyan::subscribes<bill_ride>{.topic = "bikes.returned", .group = "billing", .from = banyan::from_start},
      banyan::http_routes{.routes = routes()});
}

}  // namespace bikes
