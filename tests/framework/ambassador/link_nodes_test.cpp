// Links with endpoints on several simulated nodes, while nodes crash and pause and the network fails, by seed.
#include <banyan/ambassador/ambassador.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/service/handles.hpp>
#include <banyan/simulation/seeded_random.hpp>
#include <banyan/simulation/simulation.hpp>

#include <catch2/catch.hpp>

#include <map>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct booked {
  std::string seat;
};
BOOST_DESCRIBE_STRUCT(booked, (), (seat))
struct find_seat {  // always: only reads
  using reply = booked;
  std::string seat;
};
BOOST_DESCRIBE_STRUCT(find_seat, (), (seat))
struct draw_seat {  // never: may not be executed twice
  using reply = booked;
  std::string seat;
};
BOOST_DESCRIBE_STRUCT(draw_seat, (), (seat))
struct seats_api {
  static constexpr std::string_view name = "seats";
  using operations = banyan::operations<op<find_seat, idempotent::always>, op<draw_seat, idempotent::never>>;
};

struct ask_find {
  using reply = booked;
  std::string seat;
};
BOOST_DESCRIBE_STRUCT(ask_find, (), (seat))
struct ask_draw {
  using reply = booked;
  std::string seat;
};
BOOST_DESCRIBE_STRUCT(ask_draw, (), (seat))
struct desk_api {
  static constexpr std::string_view name = "desk";
  using operations = banyan::operations<op<ask_find, idempotent::always>, op<ask_draw, idempotent::always>>;
};

std::map<std::string, int> executed;                 // seat -> times, over all nodes
std::map<std::string, result<booked>> told_to_desk;  // what the desk's link answered

result<booked> find(context<>, const find_seat& f) {
  ++executed["find " + f.seat];
  return booked{f.seat};
}
result<booked> draw(context<>, const draw_seat& d) {
  ++executed["draw " + d.seat];
  return booked{d.seat};
}
task<result<booked>> pass_find(context<seats_api> ctx, const ask_find& f) {
  auto answer = co_await ctx.ask<seats_api, find_seat>(f.seat);
  told_to_desk.insert_or_assign("find " + f.seat, answer);
  co_return answer;
}
task<result<booked>> pass_draw(context<seats_api> ctx, const ask_draw& d) {
  auto answer = co_await ctx.ask<seats_api, draw_seat>(d.seat);
  told_to_desk.insert_or_assign("draw " + d.seat, answer);
  co_return answer;
}

struct world_of_seats {
  world_of_seats(ambassador<seats_api> link, simulation_options o)
      : app{"app",
            {service<desk_api>(std::move(link), handles<&pass_find>{}, handles<&pass_draw>{},
                               http_routes{.routes = std::vector{query<ask_find>("GET /seats/{seat}"),
                                                                 query<ask_draw>("GET /draws/{seat}")}}),
             service<seats_api>(handles<&find>{}, handles<&draw>{})}},
        world{std::move(o)} {
    executed.clear();
    told_to_desk.clear();
    world.add("front", app, {"desk"});
    for (const char* name : {"back-1", "back-2", "back-3"}) world.add(name, app, {"seats"});
    world.run_for(1s);
  }
  void ask(const std::string& what, const std::string& seat) {
    http_request r;
    r.target = "/" + what + "/" + seat;
    world.request_to("front", std::move(r), [this](result<http_response> a) {
      ++answered;
      good += a && a->status == 200;
    });
    ++asked;
  }
  application app;
  simulation world;
  int asked = 0, answered = 0, good = 0;
};

ambassador<seats_api> guarded() {
  return {.deadline = 2s,
          .attempt_deadline = 300ms,
          .retry = retry_options{.attempts = 3},
          .budget = {.ratio = 1.0, .floor = 100},
          .ejection = outlier_options{.consecutive = 3, .ejection = 5s},
          .endpoint_breaker = circuit_breaker{.min_calls = 3, .consecutive = 3, .open_for = 1s}};
}

}  // namespace

TEST_CASE("calls are spread over the nodes of a service", "[ambassador][simulation]") {
  world_of_seats w{guarded(), {.seed = 1, .network = {1ms, 2ms}}};
  for (int i = 0; i < 60; ++i) {
    w.ask("seats", std::to_string(i));
    w.world.run_for(20ms);
  }
  w.world.run_for(5s);
  CHECK(w.good == 60);
  CHECK(executed.size() == 60);
}

TEST_CASE("while one of three nodes is cut off, calls go to the others", "[ambassador][simulation]") {
  int good_with = 0, good_without = 0;
  for (const bool with : {true, false}) {
    world_of_seats w{
        with ? guarded() : ambassador<seats_api>{.deadline = 300ms, .balance = {.by = balancing::round_robin}},
        {.seed = 7, .network = {1ms, 2ms}}};
    w.world.inject({.kind = fault_kind::cut, .node = "front", .to = "back-2", .lasts = 20s});
    for (int i = 0; i < 200; ++i) {
      w.ask("seats", std::to_string(i));
      w.world.run_for(50ms);
    }
    w.world.run_for(10s);
    CHECK(w.answered == w.asked);
    (with ? good_with : good_without) = w.good;
  }
  CHECK(good_with == 200);
  CHECK(good_without < 150);
}

TEST_CASE("by any seed: one answer, nothing executed that is told not to be, nothing unrepeatable executed twice",
          "[ambassador][simulation][property]") {
  const auto seed = static_cast<std::uint64_t>(GENERATE(range(0, 60)));
  seeded_random random{seed, "faults"};
  simulation_options o{.seed = seed, .network = {1ms, 10ms}};
  o.faults = random_faults({.nodes = {"front", "back-1", "back-2", "back-3"},
                            .count = 12,
                            .within = 20s,
                            .kinds = {fault_kind::pause, fault_kind::drop, fault_kind::delay, fault_kind::duplicate,
                                      fault_kind::reorder, fault_kind::cut, fault_kind::cut_one_way}},
                           random);
  // A link that duplicates executes a request twice, whatever the caller does.
  const auto duplicates = [](const planned_fault& f) { return f.kind == fault_kind::duplicate; };
  const bool exact = std::none_of(o.faults.begin(), o.faults.end(), duplicates);
  world_of_seats w{guarded(), std::move(o)};
  for (int i = 0; i < 150; ++i) {
    w.ask(i % 2 ? "seats" : "draws", std::to_string(i));
    w.world.run_for(150ms);
  }
  w.world.heal();
  w.world.run_for(30s);
  CHECK(w.answered == w.asked);
  for (const auto& [what, answer] : told_to_desk) {
    INFO(what);
    const auto times = executed.contains(what) ? executed.at(what) : 0;
    if (!answer && answer.error().outcome == outcome::not_applied && what.starts_with("draw")) CHECK(times == 0);
    if (answer) CHECK(times > 0);
    if (exact && what.starts_with("draw")) CHECK(times <= 1);
  }
  // After the faults everything works.
  const int before = w.good;
  for (int i = 1000; i < 1010; ++i) {
    w.ask("seats", std::to_string(i));
    w.world.run_for(500ms);
  }
  w.world.run_for(5s);
  CHECK(w.good == before + 10);
}
