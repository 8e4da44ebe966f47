#include <trips/service.hpp>

#include <trips/weather.hpp>

#include <banyan/ambassador/ambassador.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/service/handles.hpp>

namespace trips {

namespace {

using advice_context = banyan::context<weather::weather_api>;

banyan::task<banyan::result<advice>> advise(advice_context ctx, const get_advice& q) {
  auto told = co_await ctx.ask<weather::weather_api, weather::get_forecast>(q.city);
  if (!told) co_return told.error();
  co_return advice{q.city, told->celsius > 0};
}

}  // namespace

banyan::plan describe() {
  using namespace std::chrono_literals;
  return banyan::service<trips_api>(
      banyan::ambassador<weather::weather_api>{
          .deadline = 2s,
          .breaker = banyan::circuit_breaker{.min_calls = 20},
          .retry = banyan::retry_options{.attempts = 3},
      },
      banyan::handles<advise>{},
      banyan::http_routes{.routes = std::vector{banyan::query<get_advice>("GET /trips/{city}")}});
}

}  // namespace trips
