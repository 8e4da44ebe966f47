// The parts of bench_saga. Each adds its figures; --only names some of them.
#pragma once

#include <tests/bench/saga/goals.hpp>

#include <unistd.h>
#include <filesystem>
#include <string>

namespace saga_bench {

struct settings {
  int rounds = 3;
  int steps = 1'000;       // of the long saga
  int flows = 640;         // sagas a round, of four steps
  int sleeping = 100'000;  // sagas
  int timers = 10'000;     // due at once
  std::filesystem::path folder = std::filesystem::temp_directory_path();

  // On a terminal: what is measured, and how far it is.
  void progress(const char* part, int round) const { progress(part, round + 1, rounds + 1); }
  void progress(const char* part, std::int64_t done, std::int64_t all) const {
    if (::isatty(2))
      std::fprintf(stderr, "\r\033[K%s %lld/%lld\r", part, static_cast<long long>(done), static_cast<long long>(all));
  }
};

// machine_part.cpp: without actors and journal.
void measure_replay(const settings& s, figures& all);
// actor_parts.cpp: actors on a journal, without a node.
void count_appends(const settings& s, figures& all);
void measure_turns(const settings& s, figures& all);
void measure_waking(const settings& s, figures& all);
void measure_growth(const settings& s, figures& all);
// node_parts.cpp: a whole node on SQLite.
void measure_steps(const settings& s, figures& all);
void measure_latency(const settings& s, figures& all);
void measure_bytes(const settings& s, figures& all);
// crowd_parts.cpp: many sagas that sleep.
void measure_sleeping(const settings& s, figures& all);
void measure_timers(const settings& s, figures& all);

}  // namespace saga_bench
