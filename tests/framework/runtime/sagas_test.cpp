// Sagas in a running node: started by events, asked through links, woken by their clock, and after power failures.
#include <banyan/ambassador/ambassador.hpp>
#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/saga/hears.hpp>
#include <banyan/saga/saga.hpp>
#include <banyan/sharding/sharded.hpp>
#include <banyan/test_kit/world.hpp>

#include <tests/framework/observability/captured_log.hpp>
#include <tests/framework/runtime/order_for_sagas.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace {

using namespace banyan;
using namespace order_for_sagas;
using namespace std::chrono_literals;

// --- stock: pieces of a product are reserved and released

struct stock_state {
  std::string sku;
  int reserved = 0;
};
BOOST_DESCRIBE_STRUCT(stock_state, (), (sku, reserved))
struct piece_reserved {
  static constexpr stored_as stored{"stock.reserved", 1};
  std::string order;
};
BOOST_DESCRIBE_STRUCT(piece_reserved, (), (order))
struct piece_released {
  static constexpr stored_as stored{"stock.released", 1};
  std::string order;
};
BOOST_DESCRIBE_STRUCT(piece_released, (), (order))
struct reserve_piece {
  using reply = stock_state;
  std::string sku, order;
};
BOOST_DESCRIBE_STRUCT(reserve_piece, (), (sku, order))
struct release_piece {
  using reply = stock_state;
  std::string sku, order;
};
BOOST_DESCRIBE_STRUCT(release_piece, (), (sku, order))

struct stock {
  using command = std::variant<reserve_piece, release_piece>;
  using event = std::variant<piece_reserved, piece_released>;
  struct state {
    int reserved = 0;
  };
  static decision<stock> decide(const state& s, const command& c, const decision_context&) {
    if (auto* r = std::get_if<reserve_piece>(&c))
      return accept<stock>({piece_reserved{r->order}}, stock_state{r->sku, s.reserved + 1});
    auto& r = std::get<release_piece>(c);
    return accept<stock>({piece_released{r.order}}, stock_state{r.sku, s.reserved - 1});
  }
  static void evolve(state& s, const event& e) { s.reserved += std::holds_alternative<piece_reserved>(e) ? 1 : -1; }
};
BOOST_DESCRIBE_STRUCT(stock::state, (), (reserved))
std::string sku_of(const stock::command& c) {
  return std::visit([](auto& x) { return x.sku; }, c);
}
struct stock_api {
  static constexpr std::string_view name = "stock";
  using operations = banyan::operations<op<reserve_piece, idempotent::by_key>, op<release_piece, idempotent::by_key>>;
};

durable<result<order_state>> fulfil(saga_context<stock_api, orders_api> ctx, const order_placed& e) {
  auto reserved = co_await ctx.ask<stock_api, reserve_piece>(e.sku, e.id)
                      .undone_by<stock_api, release_piece>(e.sku, e.id);
  if (!reserved) co_return reserved.error();
  auto approval = ctx.event<order_approved>("approval");
  auto deadline = ctx.timer(1h);
  if (co_await ctx.first(approval, deadline) == 1)
    co_return error{code::refused, "nobody approved it"}.because("not_approved");
  if (auto stands = ctx.pivot(); !stands) co_return stands.error();
  co_return co_await ctx.ask<orders_api, confirm_order>(e.id);
}

const application& the_shop() {
  static const application app{
      "shop",
      {service<orders_api>(
           event_sourced<order>{.journal = "orders"}, sharded<order>{.entity = order_id_of, .shards = 4},
           publishes<order_placed>{.topic = "orders.placed"}, publishes<order_approved>{.topic = "orders.approved"},
           ambassador<stock_api>{},
           saga<fulfil>{.name = "orders.fulfil", .starts_on = "orders.placed", .id = started_by, .shards = 4},
           hears<fulfil, order_approved>{.topic = "orders.approved", .saga = approved_by, .event = "approval"},
           http_routes{.routes = std::vector{command<place_order>("POST /orders/{id}"),
                                             command<approve_order>("POST /orders/{id}/approval")}}),
       service<stock_api>(event_sourced<stock>{.journal = "stock"}, sharded<stock>{.entity = sku_of, .shards = 4})}};
  return app;
}

// How often an event of each type is stored for each order.
std::map<std::string, int> stored(test_kit::world& w, const std::string& type) {
  std::map<std::string, int> found;
  for (const auto& e : w.simulation.stored())
    if (e.type == type) {
      const auto event = parse_json(e.payload).value();
      const auto& o = event.as_object();
      ++found[std::string{(o.contains("order") ? o.at("order") : o.at("id")).as_string()}];
    }
  return found;
}

}  // namespace

TEST_CASE("the plan of a service with a saga has no mistakes") {
  for (const auto& p : check(the_shop())) FAIL_CHECK(p.where << ": " << p.sentence);
}

TEST_CASE("an event starts a saga, another one lets it go on, and it asks its own service at the end") {
  test_kit::world w{the_shop()};
  REQUIRE(w.send("POST", "/orders/o1", R"({"sku":"A1"})").status == 200);
  w.settle();
  CHECK(stored(w, "stock.reserved") == std::map<std::string, int>{{"o1", 1}});
  CHECK(stored(w, "orders.confirmed").empty());
  REQUIRE(w.send("POST", "/orders/o1/approval", "{}").status == 200);
  w.settle();
  CHECK(stored(w, "orders.confirmed") == std::map<std::string, int>{{"o1", 1}});
  CHECK(stored(w, "stock.released").empty());
}

TEST_CASE("an event for a saga that has ended is dropped, and is no dead letter") {
  const test::captured_log log{log_level::warning};
  test_kit::world w{the_shop()};
  REQUIRE(w.send("POST", "/orders/o1", R"({"sku":"A1"})").status == 200);
  for (int i = 0; i < 2; ++i) {
    REQUIRE(w.send("POST", "/orders/o1/approval", "{}").status == 200);
    w.simulation.run_for(5min);
  }
  CHECK(stored(w, "orders.approved")["o1"] == 2);
  CHECK(stored(w, "orders.confirmed")["o1"] == 1);
  CHECK_FALSE(log.has("dead letter"));
}

TEST_CASE("a saga that has left memory is woken when its timer is due") {
  test_kit::world w{the_shop()};
  REQUIRE(w.send("POST", "/orders/o1", R"({"sku":"A1"})").status == 200);
  w.simulation.run_for(59min);
  CHECK(stored(w, "stock.released").empty());
  CHECK(w.simulation.counts().passivations > 0);
  w.simulation.run_for(2min);
  CHECK(stored(w, "stock.released") == std::map<std::string, int>{{"o1", 1}});
}

TEST_CASE("a saga with a timer goes on after a power failure, without anybody asking for it") {
  test_kit::world w{the_shop()};
  REQUIRE(w.send("POST", "/orders/o1", R"({"sku":"A1"})").status == 200);
  w.simulation.run_for(10min);
  w.simulation.crash();
  w.simulation.run_for(51min);
  CHECK(stored(w, "stock.released") == std::map<std::string, int>{{"o1", 1}});
}

TEST_CASE("whenever the power fails, every order is confirmed or its piece is released, once") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    test_kit::world w{the_shop(), {.seed = seed}};
    std::vector<std::string> placed, approved;
    for (int i = 0; i < 10; ++i) {
      const auto id = "o" + std::to_string(i);
      if (w.send("POST", "/orders/" + id, R"({"sku":"A)" + std::to_string(i % 3) + R"("})").status == 200)
        placed.push_back(id);
      w.simulation.run_for(std::chrono::milliseconds{w.simulation.random().next() % 20});
      if (w.simulation.random().next() % 3 == 0) {
        w.simulation.crash();
        w.simulation.run_for(1s);
      }
      if (i % 2 == 0 && w.send("POST", "/orders/" + id + "/approval", "{}").status == 200) approved.push_back(id);
      w.simulation.run_for(std::chrono::milliseconds{w.simulation.random().next() % 20});
      if (w.simulation.random().next() % 3 == 0) {
        w.simulation.crash();
        w.simulation.run_for(1s);
      }
    }
    w.simulation.run_for(2h);
    std::map<std::string, int> all, confirmed, released;
    for (const auto& id : placed) all[id] = 1;
    for (const auto& id : approved) confirmed[id] = 1;
    for (const auto& id : placed)
      if (!confirmed.contains(id)) released[id] = 1;
    CHECK(stored(w, "stock.reserved") == all);
    CHECK(stored(w, "orders.confirmed") == confirmed);
    CHECK(stored(w, "stock.released") == released);
  }
}

namespace {

std::string nobodys(const order_approved& e) { return "another " + e.id; }

// Its sagas begin where the group "stock" was; no saga has the id that an approval is for.
application a_later_shop(bool drop_unknown) {
  return application{
      "shop",
      {service<orders_api>(
           event_sourced<order>{.journal = "orders"}, sharded<order>{.entity = order_id_of, .shards = 4},
           publishes<order_placed>{.topic = "orders.placed"}, publishes<order_approved>{.topic = "orders.approved"},
           ambassador<stock_api>{},
           saga<fulfil>{.name = "orders.fulfil",
                        .starts_on = "orders.placed",
                        .id = started_by,
                        .shards = 4,
                        .from = from_start,
                        .group = "stock",
                        .limits = {.turns = 20}},
           hears<fulfil, order_approved>{
               .topic = "orders.approved", .saga = nobodys, .event = "approval", .drop_unknown = drop_unknown},
           http_routes{.routes = std::vector{command<place_order>("POST /orders/{id}"),
                                             command<approve_order>("POST /orders/{id}/approval")}}),
       service<stock_api>(event_sourced<stock>{.journal = "stock"}, sharded<stock>{.entity = sku_of, .shards = 4})}};
}

}  // namespace

TEST_CASE("the group and the limits of a saga are its declaration's") {
  const auto app = a_later_shop(true);
  const auto found = app.services.front().all<subscription_spec>();
  const auto is_feed = [](auto& s) { return s.second->topic == "orders.placed"; };
  const auto feed = std::find_if(found.begin(), found.end(), is_feed);
  REQUIRE(feed != found.end());
  CHECK(feed->second->group == "stock");
  CHECK(app.services.front().all<saga_spec>().front().second->limits.turns == 20);
  for (const auto& p : check(app)) FAIL_CHECK(p.where << ": " << p.sentence);
}

TEST_CASE("an event for a saga that never started becomes a dead letter, or is dropped when that is declared") {
  for (const bool drop_unknown : {false, true}) {
    const test::captured_log log{log_level::warning};
    const auto app = a_later_shop(drop_unknown);
    test_kit::world w{app};
    REQUIRE(w.send("POST", "/orders/o1", R"({"sku":"A1"})").status == 200);
    REQUIRE(w.send("POST", "/orders/o1/approval", "{}").status == 200);
    w.simulation.run_for(5min);
    CHECK(log.has("dead letter") == !drop_unknown);
  }
}
