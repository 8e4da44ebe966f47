// Ambassador: a busy person's assistant makes the calls, tries again when a line is bad, keeps a log, and passes on what
// was said. In Kubernetes the field knows it as Envoy beside every service.
//
// Here a shop asks for prices, and two of three calls fail. Its handler knows nothing of that: the ambassador retries
// within a budget, and a breaker stands ready. The time is virtual, so that each run prints the same:
//
//   ambassador
#include <banyan/ambassador/ambassador.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/observability/log.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/service/handles.hpp>
#include <banyan/simulation/simulation.hpp>

#include <iostream>
#include <optional>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct price {
  std::string sku;
  int pence = 0;
};
BOOST_DESCRIBE_STRUCT(price, (), (sku, pence))
struct get_price {
  using reply = price;
  std::string sku;
};
BOOST_DESCRIBE_STRUCT(get_price, (), (sku))
struct get_offer {
  using reply = price;
  std::string sku;
};
BOOST_DESCRIBE_STRUCT(get_offer, (), (sku))

struct prices_api {
  static constexpr std::string_view name = "prices";
  using operations = banyan::operations<op<get_price, idempotent::always>>;
};
struct front_api {
  static constexpr std::string_view name = "front";
  using operations = banyan::operations<op<get_offer, idempotent::always>>;
};

int asked = 0;
result<price> find_price(context<>, const get_price& q) {
  if (++asked % 3 != 0) return error{code::unavailable, "the price list is being written"};
  return price{q.sku, 1999};
}
task<result<price>> make_offer(context<prices_api> ctx, const get_offer& q) {
  co_return co_await ctx.ask<prices_api, get_price>(q.sku);
}

application describe_shop() {
  return {"shop", {service<prices_api>(handles<find_price>{}),
                   service<front_api>(ambassador<prices_api>{.deadline = 2s,
                                                             .breaker = circuit_breaker{},
                                                             .retry = retry_options{.attempts = 3, .backoff = 50ms},
                                                             .budget = {.ratio = 2.0}},
                                      handles<make_offer>{},
                                      http_routes{.routes = std::vector{query<get_offer>("GET /offers/{sku}")}})}};
}

}  // namespace

int main() {
  configure_logging({.level = log_level::off});
  const auto app = describe_shop();
  std::cout << describe(app, describe_form::text) << '\n';
  simulation world{app, {}};
  world.run_for(1s);
  int answered = 0;
  for (const char* sku : {"kettle", "lamp", "chair", "clock"}) {
    std::optional<http_response> told;
    world.request("GET", std::string{"/offers/"} + sku, {}, [&](result<http_response> r) { told = r.value(); });
    world.run_for(2s);
    answered += told && told->status == 200;
    std::cout << (told ? told->body : "no answer") << ", after " << asked << " attempts in all\n";
  }
  return answered == 4 ? 0 : 1;
}
