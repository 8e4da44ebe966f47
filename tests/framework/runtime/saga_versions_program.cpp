// A kiosk whose saga has changed: the program of version 2, the one that links only version 3, or the one that links
// both. KIOSK says which: 2, 3 or 3+2. See saga_versions_test.
#include <banyan/http/http_routes.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/runtime/run.hpp>
#include <banyan/saga/hears.hpp>
#include <banyan/saga/saga.hpp>
#include <banyan/sharding/sharded.hpp>

#include "order_for_sagas.hpp"

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace kiosk {

using namespace banyan;
using namespace order_for_sagas;

using orders_context = saga_context<orders_api>;

durable<result<order_state>> fulfil_v2(orders_context ctx, const order_placed& e) {
  auto approval = co_await ctx.event<order_approved>("approval");
  if (!approval) co_return approval.error();
  co_return co_await ctx.ask<orders_api, confirm_order>(e.id);
}
durable<result<order_state>> fulfil(orders_context ctx, const order_placed& e) {
  auto known = co_await ctx.ask<orders_api, review_order>(e.id);
  if (!known) co_return known.error();
  auto approval = co_await ctx.event<order_approved>("approval");
  if (!approval) co_return approval.error();
  co_return co_await ctx.ask<orders_api, confirm_order>(e.id);
}
template <auto Function>
application program(int version, std::vector<saga_version> earlier = {}) {
  return {"kiosk",
          {service<orders_api>(
              event_sourced<order>{.journal = "orders"}, sharded<order>{.entity = order_id_of, .shards = 4},
              publishes<order_placed>{.topic = "orders.placed"}, publishes<order_approved>{.topic = "orders.approved"},
              saga<Function>{.name = "orders.fulfil",
                             .version = version,
                             .starts_on = "orders.placed",
                             .id = started_by,
                             .earlier = std::move(earlier),
                             .shards = 4},
              hears<Function, order_approved>{.topic = "orders.approved", .saga = approved_by, .event = "approval"},
              http_routes{.routes = std::vector{command<place_order>("POST /orders/{id}"),
                                                command<approve_order>("POST /orders/{id}/approval"),
                                                command<review_order>("POST /orders/{id}/review")}})}};
}

application chosen() {
  const char* which = std::getenv("KIOSK");
  const std::string versions = which ? which : "3";
  if (versions == "2") return program<fulfil_v2>(2);
  if (versions == "3") return program<fulfil>(3);
  return program<fulfil>(3, {earlier_saga<fulfil_v2>(2)});
}

}  // namespace kiosk

int main(int argc, char** argv) { return banyan::run(argc, argv, kiosk::chosen()); }
