// Requests that are under way in the same actor as one that an exception ends, in the edge's and in a stateless
// handler's: they go on.
#include <tests/framework/event_sourcing/counters.hpp>
#include <tests/framework/runtime/edge_client.hpp>

#include <banyan/http/http_routes.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/runtime/edge.hpp>
#include <banyan/runtime/node.hpp>
#include <banyan/service/handles.hpp>
#include <banyan/sharding/sharded.hpp>

#include <map>
#include <stdexcept>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

// Throws where the edge's actor makes the request ready.
struct throw_at_the_edge {
  using reply = std::int64_t;
  std::string counter;
  std::string idempotency_key() const { throw std::runtime_error{"a defect"}; }
};
BOOST_DESCRIBE_STRUCT(throw_at_the_edge, (), (counter))
struct throw_in_a_handler {
  using reply = std::int64_t;
  std::string counter;
};
BOOST_DESCRIBE_STRUCT(throw_in_a_handler, (), (counter))
// Adds 1, and waits until that is done.
struct add_one {
  using reply = std::int64_t;
  std::string counter;
};
BOOST_DESCRIBE_STRUCT(add_one, (), (counter))

struct counters_api {
  static constexpr std::string_view name = "counters";
  using operations = banyan::operations<op<add>, op<add_one>, op<throw_at_the_edge>, op<throw_in_a_handler>>;
};

result<std::int64_t> never_called(context<>, const throw_at_the_edge&) { return 0; }

task<result<std::int64_t>> add_through(context<counters_api> ctx, const add_one& m) {
  if (m.counter == "strange") throw std::runtime_error{"a defect"};
  const std::int64_t one = 1;
  co_return co_await ctx.ask<counters_api, add>(m.counter, one);
}
result<std::int64_t> throw_it(context<>, const throw_in_a_handler&) { throw std::runtime_error{"a defect"}; }

std::string name_of(const test::counter::command& c) {
  return std::visit([](const auto& x) { return x.counter; }, c);
}

application counting() {
  auto routes = std::vector{command<add>("POST /counters/{counter}/additions"),
                            command<add_one>("POST /counters/{counter}/ones"),
                            command<throw_at_the_edge>("POST /counters/{counter}/edge"),
                            command<throw_in_a_handler>("POST /counters/{counter}/handler")};
  return {"counting",
          {service<counters_api>(event_sourced<test::counter>{.journal = "counters"},
                                 sharded<test::counter>{.entity = name_of, .shards = 4},
                                 handles<never_called>{.workers = 1}, handles<throw_it>{.workers = 1},
                                 handles<add_through>{.workers = 1}, http_routes{.routes = routes})}};
}

// Many requests under way while the journal is slow.
struct crowd : edge_client {
  explicit crowd(const application& app) : edge_client{app} {
    settle();
    world.inject({.kind = fault_kind::slow_disk, .node = app.name, .lasts = 1s, .times = 1'000});
  }
  void begin(int n, const std::string& what, const std::string& body) {
    for (int i = 0; i < n; ++i) {
      http_request r;
      r.method = "POST";
      r.target = "/counters/c" + std::to_string(i) + "/" + what;
      r.body = body;
      r.headers.add("Content-Type", "application/json");
      world.request(std::move(r), [this](result<http_response> a) { ++answered[a ? a->status : 0]; });
    }
    world.run_for(1ms);
  }
  std::uint64_t crashes() const {
    const auto page = const_cast<node&>(world.running()).metrics().text();
    const std::string line = "\nbanyan_actor_crashes_total ";
    const auto at = page.find(line);
    REQUIRE(at != page.npos);
    return std::stoull(page.substr(at + line.size()));
  }
  std::map<int, int> answered;
};

constexpr int each_twice = 2 * edge_options{}.actors;  // every actor of the edge has two

}  // namespace

TEST_CASE("a request that an exception ends in the edge's actor is answered 500, and those beside it are answered") {
  const auto app = counting();
  crowd c{app};
  c.begin(each_twice, "additions", R"({"n":1})");
  REQUIRE(c.answered.empty());
  for (int i = 0; i < each_twice; ++i) CHECK(c.send("POST", "/counters/x/edge", "{}").status == 500);
  c.world.run_for(10s);
  CHECK(c.answered == std::map<int, int>{{200, each_twice}});
  CHECK(c.crashes() == 0);
}

TEST_CASE("a request that an exception ends in a handler is answered 500, and those of its worker are answered") {
  const auto app = counting();
  crowd c{app};
  c.begin(3, "ones", "{}");
  REQUIRE(c.answered.empty());
  CHECK(c.send("POST", "/counters/strange/ones", "{}").status == 500);
  CHECK(c.send("POST", "/counters/x/handler", "{}").status == 500);
  c.world.run_for(10s);
  CHECK(c.answered == std::map<int, int>{{200, 3}});
  CHECK(c.crashes() == 0);
}
