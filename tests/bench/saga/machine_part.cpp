// Sagas without actors and journal: turns per second of a replay beside decoding alone of the same turns, and of a live
// run of a saga of many steps beside a short one.
#include <banyan/saga/rebuild.hpp>

#include <tests/bench/saga/flow.hpp>
#include <tests/bench/saga/live_turns.hpp>
#include <tests/bench/saga/parts.hpp>

namespace saga_bench {
namespace {

constexpr int repeats = 20;

double decoded_per_second(const std::vector<std::string>& log) {
  const auto from = bench::stopwatch::now();
  for (int i = 0; i < repeats; ++i)
    for (const auto& turn : log) must(read_turn(turn).has_value());
  return bench::rate(repeats * static_cast<int>(log.size()), from);
}

}  // namespace

void measure_replay(const settings& s, figures& all) {
  auto& replays = all.add({"replay", "turns replayed", "turns/s", goal_kind::at_least, 150'000, "decoding alone"});
  auto& lives = all.add({"replay", "turns of a long saga, live", "turns/s", goal_kind::none, 0, "a saga of ten steps"});
  const auto code = saga_code_of<flow>("flows");
  const auto log = live_turns(code, s.steps);
  const auto turns = static_cast<int>(log.size());
  const auto replay = [&] {
    const auto from = bench::stopwatch::now();
    for (int i = 0; i < repeats; ++i) must(rebuild_saga(&code, log, {.undo = s.steps + 1}).has_value());
    return bench::rate(repeats * turns, from);
  };
  const auto live = [&](int steps) {
    const auto from = bench::stopwatch::now();
    const int sagas = repeats * turns / (steps + 1);
    for (int i = 0; i < sagas; ++i) must(static_cast<int>(live_turns(code, steps).size()) == steps + 1);
    return bench::rate(sagas * (steps + 1), from);
  };
  for (int round = -1; round < s.rounds; ++round) {
    s.progress("replay", round);
    const auto a = replay(), b = decoded_per_second(log), c = live(s.steps), d = live(10);
    if (round < 0) continue;
    replays.add(a, b);
    lives.add(c, d);
  }
}

}  // namespace saga_bench
