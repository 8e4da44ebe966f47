// What sagas cost, beside the same written by hand: an aggregate with an event for each step, and handlers that ask.
//
//   bench_saga [--only steps,latency] [--rounds 3] [--folder /var/tmp] [--json FILE]
//
//   appends    of a saga of N steps: N + 1, or the program ends with 1
//   steps      a second, 64 live sagas of four steps each, a whole node on SQLite with fsync
//   latency    of a step, p50 and p99, beside one durable append and one request alone
//   bytes      of a step in the journal
//   turns      processor time of one, journal in memory
//   waking     a saga of 100 turns that is not in memory
//   replay     turns a second of the machine alone, beside decoding alone of the same turns
//   growth     step 1,000 of a saga beside its step 10
//   sleeping   memory of a saga that is not in memory, and how long a node with many of them takes to start
//   timers     many that are due at once: how many fire a second, and what another saga feels of it
//
// Figures and their references take turns within a round; medians are shown, of the ratios too. Other work on the
// machine makes all of them worse, ratios less than absolute figures, the 99th percentiles most.
#include <banyan/observability/log.hpp>

#include <tests/bench/command_line.hpp>
#include <tests/bench/saga/parts.hpp>
#include <tests/bench/saga/sqlite_memory.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

namespace {

using namespace saga_bench;

struct part {
  const char* name;
  void (*measure)(const settings&, figures&);
};
constexpr part parts[] = {{"appends", count_appends}, {"steps", measure_steps},   {"latency", measure_latency},
                          {"bytes", measure_bytes},   {"turns", measure_turns},   {"waking", measure_waking},
                          {"replay", measure_replay}, {"growth", measure_growth}, {"sleeping", measure_sleeping},
                          {"timers", measure_timers}};

}  // namespace

int main(int argc, char** argv) try {
  banyan::bench::command_line line{"bench_saga", "What sagas cost, beside the same written by hand", 3};
  settings s;
  std::vector<std::string> only, known;
  for (const auto& p : parts) known.emplace_back(p.name);
  auto folder = s.folder.string();
  line.names("--only", only, known, "Parts to measure; default: all");
  line.number("--steps", s.steps, "of the long saga of replay", 10, 9'000);
  line.number("--flows", s.flows, "Sagas a turn of steps", 64, 100'000);
  line.number("--sleeping", s.sleeping, "Sagas that sleep", 1'000, 10'000'000);
  line.number("--timers", s.timers, "Timers that are due at once", 100, 1'000'000);
  line.folder("--folder", folder, "Where the journals lie, on a disk");
  if (auto code = line.parse(argc, argv)) return *code;
  s.folder = folder;
  s.rounds = line.rounds();
  sqlite_memory::count();
  banyan::configure_logging({.level = banyan::log_level::error});

  figures all;
  for (const auto& p : parts) {
    if (!only.empty() && std::find(only.begin(), only.end(), p.name) == only.end()) continue;
    p.measure(s, all);
    if (::isatty(2)) std::fprintf(stderr, "\r\033[K");
    std::printf("%s\n", p.name);
    all.print(p.name);
  }
  const bool written = line.write_json([&](std::ostream& out) {
    out << "{\"bench\":\"saga\",\"figures\":";
    all.write_json(out);
    out << "}\n";
  });
  if (!all.contract_holds()) std::fprintf(stderr, "bench_saga: a saga does not append as often as it should\n");
  return written && all.contract_holds() ? 0 : 1;
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench_saga: %s\n", e.what());
  return 1;
}
