// The services of one application on nodes of their own: calls between them travel encoded, and so does giving up.
#include <banyan/ambassador/ambassador.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/service/handles.hpp>
#include <banyan/simulation/simulation.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct stock_level {
  std::string sku;
  std::int64_t on_hand = 0;
  std::optional<std::string> note;
};
BOOST_DESCRIBE_STRUCT(stock_level, (), (sku, on_hand, note))
struct get_stock {
  using reply = stock_level;
  std::string sku;
  std::optional<std::string> note;
};
BOOST_DESCRIBE_STRUCT(get_stock, (), (sku, note))
struct take_stock {
  using reply = stock_level;
  std::string sku;
};
BOOST_DESCRIBE_STRUCT(take_stock, (), (sku))
struct stock_api {
  static constexpr std::string_view name = "stock";
  using operations = banyan::operations<op<get_stock, idempotent::always>, op<take_stock, idempotent::by_key>>;
};

struct quote_request {
  using reply = stock_level;
  std::string sku;
  std::optional<std::string> note;
};
BOOST_DESCRIBE_STRUCT(quote_request, (), (sku, note))
struct order_request {
  using reply = stock_level;
  std::string sku;
};
BOOST_DESCRIBE_STRUCT(order_request, (), (sku))
struct desk_api {
  static constexpr std::string_view name = "desk";
  using operations = banyan::operations<op<quote_request, idempotent::always>, op<order_request, idempotent::by_key>>;
};

// What the handlers of `stock` have begun and ended, and the command ids they saw.
struct {
  int begun = 0, ended = 0, completed = 0;
  std::vector<uuid> commands;
} seen;
struct at_work {
  at_work() { ++seen.begun; }
  ~at_work() { ++seen.ended; }
};

// A handler has no way to wait but to ask: what is "slow" asks the clock, whose answers are lost.
struct wait_long {
  using reply = done;
};
BOOST_DESCRIBE_STRUCT(wait_long, (), ())
struct clock_api {
  static constexpr std::string_view name = "clock";
  using operations = banyan::operations<op<wait_long, idempotent::always>>;
};
result<done> tick(context<>, const wait_long&) { return done{}; }

task<result<stock_level>> look_up(context<clock_api> ctx, const get_stock& g) {
  const at_work here;
  if (g.sku == "none") co_return error{code::not_found, "no such product"}.because("unknown_sku");
  if (g.sku == "slow") (void)co_await ctx.ask<clock_api, wait_long>();
  ++seen.completed;
  co_return stock_level{g.sku, 7, g.note};
}
task<result<stock_level>> take(context<clock_api> ctx, const take_stock& t) {
  const at_work here;
  seen.commands.push_back(ctx.command_id());
  if (t.sku == "slow") (void)co_await ctx.ask<clock_api, wait_long>();
  ++seen.completed;
  co_return stock_level{t.sku, 6, {}};
}

// Of a "race" the slow one is left behind.
task<result<stock_level>> quote(context<stock_api> ctx, const quote_request& q) {
  const get_stock slow{"slow", {}}, quick{q.sku, q.note};
  if (q.sku == "race") {
    auto left_behind = ctx.ask<stock_api, get_stock>(slow);
    co_return co_await ctx.ask<stock_api, get_stock>(quick);
  }
  co_return co_await ctx.ask<stock_api, get_stock>(quick);
}
task<result<stock_level>> order(context<stock_api> ctx, const order_request& o) {
  const take_stock slow{"slow"}, quick{o.sku};
  if (o.sku == "race") {
    auto left_behind = ctx.ask<stock_api, take_stock>(slow);
    co_return co_await ctx.ask<stock_api, take_stock>(quick);
  }
  co_return co_await ctx.ask<stock_api, take_stock>(quick);
}

plan desk() {
  return service<desk_api>(ambassador<stock_api>{.deadline = 2s}, handles<&quote>{}, handles<&order>{},
                           http_routes{.routes = std::vector{query<quote_request>("GET /quotes/{sku}"),
                                                             command<order_request>("POST /orders/{sku}")}});
}
plan stock() {
  return service<stock_api>(ambassador<clock_api>{.deadline = 30s}, handles<&look_up>{}, handles<&take>{},
                            http_routes{.routes = std::vector{query<get_stock>("GET /stock/{sku}")}});
}
plan clock_service() { return service<clock_api>(handles<&tick>{}); }

struct nodes_apart {
  explicit nodes_apart(simulation_options o = {.network = {1ms, 2ms}})
      : app{"app", {desk(), stock(), clock_service()}}, world{std::move(o)} {
    seen = {};
    world.add("front", app, {"desk"});
    world.add("back", app, {"stock"});
    world.add("times", app, {"clock"});
    world.inject({.kind = fault_kind::cut, .node = "back", .to = "times", .lasts = 1h});
  }
  std::string ask(std::string method, std::string target, timespan wait = 1s) {
    std::string answer = "nothing";
    http_request r;
    r.method = std::move(method);
    r.target = std::move(target);
    world.request_to("front", std::move(r), [&](result<http_response> a) {
      answer = a ? std::to_string(a->status) + " " + a->body : to_string(a.error());
    });
    world.run_for(wait);
    return answer;
  }
  application app;
  simulation world;
};

}  // namespace

TEST_CASE("A service that runs on another node is asked there, with all that its messages hold", "[apart]") {
  nodes_apart t;
  CHECK(t.ask("GET", "/quotes/kite?note=blue") == R"(200 {"sku":"kite","on_hand":7,"note":"blue"})");
  CHECK(t.ask("GET", "/quotes/kite") == R"(200 {"sku":"kite","on_hand":7})");
  CHECK(t.world.counts().messages == 2);
}

TEST_CASE("The edge of a node answers for services of other nodes too", "[apart]") {
  nodes_apart t;
  CHECK(t.ask("GET", "/stock/kite") == R"(200 {"sku":"kite","on_hand":7})");
}

TEST_CASE("The refusal of a service of another node is told as it was meant", "[apart]") {
  nodes_apart t;
  const auto answer = t.ask("GET", "/quotes/none");
  CHECK(answer.starts_with("404"));
  CHECK(answer.find("unknown_sku") != std::string::npos);
}

TEST_CASE("A retry has the same command id on the other node", "[apart]") {
  nodes_apart t;
  for (int i = 0; i < 2; ++i) {
    http_request r;
    r.method = "POST";
    r.target = "/orders/kite";
    r.headers.add("Idempotency-Key", "one-and-the-same");
    t.world.request_to("front", std::move(r), [](result<http_response>) {});
    t.world.run_for(1s);
  }
  REQUIRE(seen.commands.size() == 2);
  CHECK(seen.commands.front() == seen.commands.back());
}

TEST_CASE("A node that is away costs its callers their deadline, and nobody else anything", "[apart]") {
  nodes_apart t;
  t.world.inject({.kind = fault_kind::crash, .node = "back", .lasts = 10s});
  CHECK(t.ask("GET", "/quotes/kite", 3s).starts_with("504"));
  t.world.run_for(10s);
  CHECK(t.ask("GET", "/quotes/kite").starts_with("200"));
}

TEST_CASE("A caller that gives up ends what it asked for on the other node at once; a command is completed",
          "[apart]") {
  nodes_apart t;
  CHECK(t.ask("GET", "/quotes/race", 100ms).starts_with("200"));
  CHECK(seen.begun == 2);
  CHECK(seen.completed == 1);
  CHECK(seen.ended == 2);
  seen = {};
  CHECK(t.ask("POST", "/orders/race", 100ms).starts_with("200"));
  CHECK(seen.begun == 2);
  CHECK(seen.ended == 1);
  t.world.run_for(3s);
  CHECK(seen.ended == 2);
  CHECK(seen.completed == 2);
}

TEST_CASE("The word that a call is given up may be lost: its handler ends by its deadline then", "[apart]") {
  nodes_apart t;
  std::string answer;
  http_request r;
  r.method = "GET";
  r.target = "/quotes/race";
  t.world.request_to("front", std::move(r), [&](result<http_response> a) { answer = std::to_string(a->status); });
  while (seen.completed == 0 && t.world.step()) {
  }
  t.world.inject({.kind = fault_kind::cut_one_way, .node = "front", .to = "back", .lasts = 1s});
  t.world.run_for(1s);
  CHECK(answer == "200");
  CHECK(seen.ended == 1);
  t.world.run_for(2s);
  CHECK(seen.ended == 2);
}

TEST_CASE("The answer of a call that was given up is not taken for that of another one", "[apart]") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    nodes_apart t{{.seed = seed, .network = {1ms, 400ms}}};
    t.world.inject({.kind = fault_kind::reorder, .node = "front", .to = "back", .lasts = 1h});
    t.world.inject({.kind = fault_kind::reorder, .node = "back", .to = "front", .lasts = 1h});
    int wrong = 0, answered = 0;
    for (int i = 0; i < 20; ++i) {
      const auto sku = "sku-" + std::to_string(i);
      http_request r;
      r.method = "GET";
      r.target = (i % 2 ? "/quotes/" : "/stock/") + sku;
      r.headers.add("X-Banyan-Deadline-Ms", std::to_string(200 + 30 * i));  // some give up on their way
      t.world.request_to("front", std::move(r), [&, sku](result<http_response> a) {
        if (!a || a->status != 200) return;
        ++answered;
        if (a->body.find('"' + sku + '"') == std::string::npos) ++wrong;
      });
      t.world.run_for(20ms);
    }
    t.world.run_for(10s);
    REQUIRE(wrong == 0);
    REQUIRE(seen.begun == seen.ended);
    if (seed == 1) CHECK(answered > 0);
  }
}
