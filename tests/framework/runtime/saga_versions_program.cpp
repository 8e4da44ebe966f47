// A kiosk whose saga has changed: the program of version 2, the one that links only version 3, or the one that links
// both. KIOSK says which: 2, 3 or 3+2. See saga_versions_test.
#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/runtime/run.hpp>
#include <banyan/saga/hears.hpp>
#include <banyan/saga/saga.hpp>
#include <banyan/sharding/sharded.hpp>

#include <cstdlib>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace kiosk {

using namespace banyan;

struct order_state {
  std::string id, status;
};
BOOST_DESCRIBE_STRUCT(order_state, (), (id, status))
struct order_placed {
  static constexpr stored_as stored{"orders.placed", 1};
  std::string id;
};
BOOST_DESCRIBE_STRUCT(order_placed, (), (id))
struct order_approved {
  static constexpr stored_as stored{"orders.approved", 1};
  std::string id;
};
BOOST_DESCRIBE_STRUCT(order_approved, (), (id))
struct order_closed {
  static constexpr stored_as stored{"orders.closed", 1};
  std::string id;
};
BOOST_DESCRIBE_STRUCT(order_closed, (), (id))
struct place_order {
  using reply = order_state;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(place_order, (), (id))
struct approve_order {
  using reply = order_state;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(approve_order, (), (id))
struct review_order {
  using reply = order_state;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(review_order, (), (id))
struct close_order {
  using reply = order_state;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(close_order, (), (id))

struct order {
  using command = std::variant<place_order, approve_order, review_order, close_order>;
  using event = std::variant<order_placed, order_approved, order_closed>;
  struct state {
    std::string status;
  };
  static decision<order> decide(const state& s, const command& c, const decision_context&) {
    if (auto* p = std::get_if<place_order>(&c))
      return accept<order>({order_placed{p->id}}, order_state{p->id, "placed"});
    if (auto* a = std::get_if<approve_order>(&c))
      return accept<order>({order_approved{a->id}}, order_state{a->id, "approved"});
    if (auto* r = std::get_if<review_order>(&c)) return accept<order>({}, order_state{r->id, s.status});
    const auto& id = std::get<close_order>(c).id;
    return accept<order>({order_closed{id}}, order_state{id, "closed"});
  }
  static void evolve(state& s, const event& e) {
    constexpr const char* names[] = {"placed", "approved", "closed"};
    s.status = names[e.index()];
  }
};
BOOST_DESCRIBE_STRUCT(order::state, (), (status))
std::string order_id_of(const order::command& c) {
  return std::visit([](auto& x) { return x.id; }, c);
}
struct orders_api {
  static constexpr std::string_view name = "orders";
  using operations = banyan::operations<op<place_order, idempotent::by_key>, op<approve_order, idempotent::by_key>,
                                        op<review_order, idempotent::by_key>, op<close_order, idempotent::by_key>>;
};
using orders_context = saga_context<orders_api>;

durable<result<order_state>> fulfil_v2(orders_context ctx, const order_placed& e) {
  auto approval = co_await ctx.event<order_approved>("approval");
  if (!approval) co_return approval.error();
  co_return co_await ctx.ask<orders_api, close_order>(e.id);
}
durable<result<order_state>> fulfil(orders_context ctx, const order_placed& e) {
  auto known = co_await ctx.ask<orders_api, review_order>(e.id);
  if (!known) co_return known.error();
  auto approval = co_await ctx.event<order_approved>("approval");
  if (!approval) co_return approval.error();
  co_return co_await ctx.ask<orders_api, close_order>(e.id);
}
std::string started_by(const order_placed& e) { return e.id; }
std::string approved_by(const order_approved& e) { return e.id; }

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
