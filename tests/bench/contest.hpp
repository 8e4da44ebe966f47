// What the benchmarks compare and how they show it: contestants take turns within a round, so that a slow moment of the machine meets all
// of them; ratios to the last one, the reference, are taken per round, and medians are shown. Ratios bear noise that absolute figures do
// not.
//
//   std::vector<comparison> all{{"send", {{"ours", measure_ours}, {"CAF", measure_cafs}}, 1.0}};
//   return contest(line, "send", all);
#pragma once

#include <tests/bench/command_line.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace banyan::bench {

using stopwatch = std::chrono::steady_clock;

inline double rate(int count, stopwatch::time_point from) { return count / std::chrono::duration<double>(stopwatch::now() - from).count(); }

struct contestant {
  std::string name;
  std::function<double()> run;  // something per second
  double goal = 0;              // of its ratio; 0: none
  std::vector<double> rates = {};
};
struct comparison {
  std::string name;
  std::vector<contestant> who;  // the last one is the reference of the ratios
};

inline double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

// `of` gives the figure of a round.
template <class Rounds, class Of = std::identity>
double median_ratio(const Rounds& a, const Rounds& b, Of of = {}) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < a.size(); ++i) ratios.push_back(of(a[i]) / of(b[i]));
  return median(ratios);
}

// The first round warms up.
inline void run(std::vector<comparison>& all, int rounds) {
  for (int round = -1; round < rounds; ++round)
    for (auto& c : all)
      for (auto& w : c.who) {
        auto r = w.run();
        if (round >= 0) w.rates.push_back(r);
      }
}

inline void print(const std::vector<comparison>& all) {
  for (auto& c : all) {
    std::printf("\n%-28s %14s %10s %22s\n", c.name.c_str(), "median k/s", "ratio", "rates k/s");
    for (auto& w : c.who) {
      std::printf("  %-26s %14.0f %9.2fx  ", w.name.c_str(), median(w.rates) / 1e3, median_ratio(w.rates, c.who.back().rates));
      for (auto r : w.rates) std::printf(" %6.0f", r / 1e3);
      std::printf("\n");
    }
    for (auto& w : c.who)
      if (w.goal > 0)
        std::printf("  goal of %s %.1fx: %s\n", w.name.c_str(), w.goal,
                    median_ratio(w.rates, c.who.back().rates) >= w.goal ? "met" : "NOT met");
  }
}

// [{"name": ..., "contestants": [{"name": ..., "per_second": ..., "ratio": ..., "goal": ...}]}]
inline void write_json(std::ostream& out, const std::vector<comparison>& all) {
  out << "[";
  for (auto& c : all) {
    out << (&c == &all.front() ? "" : ",") << "{\"name\":\"" << c.name << "\",\"contestants\":[";
    for (auto& w : c.who)
      out << (&w == &c.who.front() ? "" : ",") << "{\"name\":\"" << w.name << "\",\"per_second\":" << median(w.rates)
          << ",\"ratio\":" << median_ratio(w.rates, c.who.back().rates) << ",\"goal\":" << w.goal << "}";
    out << "]}";
  }
  out << "]";
}

// Runs, shows and writes them; the exit code of the benchmark.
inline int contest(const command_line& line, const std::string& name, std::vector<comparison>& all) {
  run(all, line.rounds());
  print(all);
  const bool written = line.write_json([&](std::ostream& out) {
    out << "{\"bench\":\"" << name << "\",\"comparisons\":";
    write_json(out, all);
    out << "}\n";
  });
  return written ? 0 : 1;
}

}  // namespace banyan::bench
