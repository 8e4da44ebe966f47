// Ambassador: a busy person's assistant makes the calls, tries again when a line is bad, keeps a log, and knows when to
// stop. In Kubernetes the field knows it as Envoy beside every service.
//
// Here a shop makes offers, five a second, and asks another service for each price. First one of ten requests for a
// price fails, then all do, then none. The shop's code, make_offer, knows nothing of that: its link tries again within
// a budget, and gives up for a while when that does not help. The time is virtual, so that each run prints the same:
//
//   ambassador
#include <banyan/ambassador/ambassador.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/observability/log.hpp>
#include <banyan/service/handles.hpp>
#include <banyan/simulation/simulation.hpp>

#include <cstdio>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct price {
  int pence = 0;
};
BOOST_DESCRIBE_STRUCT(price, (), (pence))
struct get_price {
  using reply = price;
};
BOOST_DESCRIBE_STRUCT(get_price, (), ())
struct prices_api {
  static constexpr std::string_view name = "prices";
  using operations = banyan::operations<op<get_price, idempotent::always>>;  // may be sent twice
};

struct get_offer {
  using reply = price;
};
BOOST_DESCRIBE_STRUCT(get_offer, (), ())
struct shop_api {
  static constexpr std::string_view name = "shop";
  using operations = banyan::operations<op<get_offer, idempotent::always>>;
};

int asked = 0, failing_each = 10;
result<price> find_price(context<>, const get_price&) {
  if (++asked % failing_each == 0) return error{code::unavailable, "no connection to the price list"};
  return price{1999};
}
task<result<price>> make_offer(context<prices_api> ctx, const get_offer&) {
  co_return co_await ctx.ask<prices_api, get_price>();
}

void ask_for_offers(simulation& world, const char* meanwhile, int every) {
  int made = 0, refused = 0;
  asked = 0, failing_each = every;
  for (int i = 0; i < 100; ++i) {
    world.request("GET", "/offer", {}, [&](result<http_response> r) {
      made += r->status == 200;
      refused += r->body.find("circuit_open") != std::string::npos;
    });
    world.run_for(200ms);
  }
  std::printf("%-39s%3d of 100 offers made; prices asked %3d times, %2d calls refused by the breaker\n", meanwhile,
              made, asked, refused);
}

}  // namespace

int main() {
  configure_logging({.level = log_level::off});
  const auto link = ambassador<prices_api>{.breaker = circuit_breaker{}, .retry = retry_options{.attempts = 3}};
  const application app{"shop",
                        {service<prices_api>(handles<find_price>{}),
                         service<shop_api>(link, handles<make_offer>{},
                                           http_routes{.routes = std::vector{query<get_offer>("GET /offer")}})}};
  simulation world{app, {}};
  world.run_for(1s);
  ask_for_offers(world, "one of ten requests for a price fails:", 10);
  ask_for_offers(world, "all fail:", 1);
  ask_for_offers(world, "none fails again:", 1000);
}
