// Sagas without actors and journal: turns per second of a replay beside decoding alone of the same turns, and of a live
// run of a saga of many steps beside a short one.
//
//   bench_saga [--steps 1000] [--rounds 7] [--json FILE]
#include <banyan/saga/rebuild.hpp>
#include <banyan/saga/saga_code.hpp>

#include <tests/bench/contest.hpp>
#include <tests/framework/saga/checkout.hpp>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

namespace {

using namespace banyan;
using bench::stopwatch;
using shop::inventory_api;
using shop::release_stock;
using shop::reserve_stock;
using shop::stock_reserved;

struct order {
  std::string id;
  int lines = 0;
};
BOOST_DESCRIBE_STRUCT(order, (), (id, lines))

durable<result<stock_reserved>> reserve_lines(saga_context<inventory_api> ctx, const order& o) {
  for (int i = 0; i < o.lines; ++i) {
    auto one =
        co_await ctx.ask<inventory_api, reserve_stock>(o.id, i, "85123A", 6)
            .undone_by<inventory_api, release_stock>(o.id, i, "85123A", 6);
    if (!one) co_return one.error();
  }
  co_return stock_reserved{"85123A", 0};
}

void must(bool holds) {
  if (!holds) std::abort();
}

// The stored turns of a saga of so many steps.
std::vector<std::string> live(const saga_code& code, int steps) {
  std::vector<std::string> log;
  saga_machine m{&code, {.undo = steps + 1}};
  saga_head head;
  head.saga = "orders.checkout";
  head.id = "o17";
  const auto start = m.start(head, nested(order{"o17", steps}), instant{});
  must(start.has_value());
  log.push_back(start->payload);
  const auto answer = saga_ok(stock_reserved{"85123A", 1234});
  while (!m.ending()) {
    const auto open = m.outstanding();
    auto turn = m.feed(saga_answer(open[0].request->number, answer, open[0].request->command), instant{});
    must(turn.has_value());
    log.push_back(std::move(turn->payload));
  }
  return log;
}

}  // namespace

int main(int argc, char** argv) {
  bench::command_line line{"bench_saga", "Turns of sagas per second: replay, decoding, live", 7};
  int steps = 1'000;
  line.number("--steps", steps, "of the long saga", 10, 9'000);
  if (auto code = line.parse(argc, argv)) return *code;

  const auto code = saga_code_of<reserve_lines>("orders.checkout");
  const auto log = live(code, steps);
  std::size_t bytes = 0;
  for (const auto& turn : log) bytes += turn.size();
  std::cout << log.size() << " turns of " << bytes / log.size() << " bytes\n";
  const auto turns = static_cast<int>(log.size());
  constexpr int repeats = 20;

  const auto replay = [&] {
    const auto from = stopwatch::now();
    for (int i = 0; i < repeats; ++i) must(rebuild_saga(&code, log, {.undo = steps + 1}).has_value());
    return bench::rate(repeats * turns, from);
  };
  const auto decode = [&] {
    const auto from = stopwatch::now();
    for (int i = 0; i < repeats; ++i)
      for (const auto& turn : log) must(from_json<saga_turned>(turn).has_value());
    return bench::rate(repeats * turns, from);
  };
  const auto run_long = [&] {
    const auto from = stopwatch::now();
    for (int i = 0; i < repeats; ++i) must(static_cast<int>(live(code, steps).size()) == turns);
    return bench::rate(repeats * turns, from);
  };
  const auto run_short = [&] {
    const auto from = stopwatch::now();
    const int sagas = repeats * turns / 11;
    for (int i = 0; i < sagas; ++i) must(live(code, 10).size() == 11);
    return bench::rate(11 * sagas, from);
  };
  std::vector<bench::comparison> all{{"replay", {{"replay", replay, 0.5}, {"decode", decode}}},
                                     {"live", {{"long saga", run_long, 0.8}, {"ten steps", run_short}}}};
  return bench::contest(line, "turns", all);
}
