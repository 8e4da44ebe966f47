#include "plan.hpp"

#include <bikes/account.hpp>
#include <bikes/api.hpp>
#include <bikes/bike.hpp>
#include <bikes/billing.hpp>
#include <bikes/riders.hpp>
#include <groups/service.hpp>

#include <banyan/ambassador/ambassador.hpp>
#include <banyan/ambassador/breaker_changed.hpp>
#include <banyan/cqrs/projection.hpp>
#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/saga/saga.hpp>
#include <banyan/service/handles.hpp>
#include <banyan/sharding/sharded.hpp>
#include <banyan/observability/log.hpp>
#include <banyan/supervision/supervised.hpp>
#include <banyan/topic/listens.hpp>

namespace reference {

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct debt {
  std::string rider;
  bool may_rent = true;
};
BOOST_DESCRIBE_STRUCT(debt, (), (rider, may_rent))

struct get_debt {
  using reply = debt;
  std::string rider;
};
BOOST_DESCRIBE_STRUCT(get_debt, (), (rider))

struct credit_api {
  static constexpr std::string_view name = "credit";
  using operations = banyan::operations<op<get_debt, idempotent::always>>;
};

task<result<debt>> judge(context<bikes::bikes_api> ctx, const get_debt& q) {
  auto rider = co_await ctx.ask<bikes::bikes_api, bikes::get_rider>(q.rider);
  if (!rider) co_return rider.error();
  co_return debt{q.rider, rider->cents < 5000};
}

// Which link, and how many calls were refused meanwhile: for whoever is called at night.
task<result<done>> note_breaker(context<>, const breaker_changed& e) {
  const logger log{e.service};
  if (e.why == breaker_event_kind::recovered) log.info("calls are made again", {{"to", e.to}, {"refused", e.refused}});
  co_return done{};
}

std::string bike_of(const bikes::bike::command& c) {
  return std::visit([](const auto& x) { return x.bike; }, c);
}

std::string rider_of(const bikes::account::command& c) { return std::get<bikes::charge_ride>(c).rider; }

}  // namespace

plan credit() {
  return service<credit_api>(ambassador<bikes::bikes_api>{.deadline = 800ms, .retry = retry_options{.attempts = 2}},
                             handles<judge>{.workers = 4},
                             supervised{.strategy = restart::one_for_one, .shutdown = 10s});
}

application describe() {
  auto bikes = service<bikes::bikes_api>(
      event_sourced<bikes::bike>{.journal = "bikes"}, sharded<bikes::bike>{.entity = bike_of},
      event_sourced<bikes::account>{.journal = "accounts"}, sharded<bikes::account>{.entity = rider_of},
      projection<bikes::riders>{.of = journals{"bikes", "accounts"}}, query_side<bikes::riders>{},
      publishes<bikes::bike_returned>{.topic = "bikes.returned"},
      subscribes<bikes::bill_ride>{.topic = "bikes.returned"},
      http_routes{.routes = std::vector{command<bikes::rent_bike>("POST /bikes/{bike}/rent"),
                                        command<bikes::return_bike>("POST /bikes/{bike}/return"),
                                        query<bikes::get_rider>("GET /riders/{rider}")}});
  auto defaults =
      service<credit_api>(ambassador<bikes::bikes_api>{.breaker = circuit_breaker{}, .retry = retry_options{}},
                          handles<judge>{}, supervised{}, listens<note_breaker>{.topic = breakers_topic});
  auto groups = service<groups::groups_api>(
      ambassador<bikes::bikes_api>{},
      saga<groups::rent_all>{.name = "groups.rent", .id = [](const groups::rent_group& g) { return g.id; }},
      http_routes{.routes = std::vector{command<groups::rent_group>("POST /groups/{id}")}});
  return {"reference", {std::move(bikes), std::move(defaults), std::move(groups)}};
}

}  // namespace reference
