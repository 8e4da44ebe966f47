// Times of one kind, as seen by an actor: of each round its median, its 99th percentile and its longest, in microseconds; shown are the
// medians of these over the rounds, and the worst of all. Contestants take turns as in contest.hpp, the last one is the reference.
#pragma once

#include <tests/bench/contest.hpp>

#include <stdexcept>

namespace banyan::bench {

using times = std::vector<double>;  // microseconds

inline double microseconds_since(stopwatch::time_point from) {
  return std::chrono::duration<double, std::micro>(stopwatch::now() - from).count();
}

struct latency {
  double p50 = 0, p99 = 0, longest = 0;
};

inline latency summary(times t) {
  if (t.empty()) throw std::runtime_error{"nothing was measured"};
  std::sort(t.begin(), t.end());
  return {t[t.size() / 2], t[t.size() * 99 / 100], t.back()};
}

struct racer {
  std::string name;
  std::function<times()> run;
  latency goal = {};  // at most; 0: none
  std::vector<latency> rounds = {};

  double median_of(double latency::*figure) const {
    std::vector<double> all;
    for (auto& r : rounds) all.push_back(r.*figure);
    return median(all);
  }
  double longest() const {
    return std::max_element(rounds.begin(), rounds.end(), [](auto& a, auto& b) { return a.longest < b.longest; })->longest;
  }
};
struct race {
  std::string name;
  std::vector<racer> who;
};

inline void run(std::vector<race>& all, int rounds) {
  for (int round = -1; round < rounds; ++round)
    for (auto& r : all)
      for (auto& w : r.who) {
        auto measured = summary(w.run());
        if (round >= 0) w.rounds.push_back(measured);
      }
}

inline void print(const std::vector<race>& all) {
  const auto verdict = [](const char* what, double goal, double measured) {
    if (goal > 0) std::printf("  %s %.0f us %s", what, goal, measured <= goal ? "met" : "NOT met");
  };
  for (auto& r : all) {
    std::printf("\n%-40s %9s %9s %9s %10s %s\n", r.name.c_str(), "p50 us", "p99 us", "max us", "p50 ratio", "  p50s us");
    for (auto& w : r.who) {
      std::printf("  %-38s %9.1f %9.1f %9.0f %9.2fx  ", w.name.c_str(), w.median_of(&latency::p50), w.median_of(&latency::p99), w.longest(),
                  median_ratio(w.rounds, r.who.back().rounds, std::mem_fn(&latency::p50)));
      for (auto& l : w.rounds) std::printf(" %5.1f", l.p50);
      std::printf("\n");
    }
    for (auto& w : r.who) {
      if (w.goal.p50 == 0 && w.goal.p99 == 0) continue;
      std::printf("  goal of %s:", w.name.c_str());
      verdict("p50", w.goal.p50, w.median_of(&latency::p50));
      verdict("p99", w.goal.p99, w.median_of(&latency::p99));
      std::printf("\n");
    }
  }
}

inline void write_json(std::ostream& out, const std::vector<race>& all) {
  out << "[";
  for (auto& r : all) {
    out << (&r == &all.front() ? "" : ",") << "{\"name\":\"" << r.name << "\",\"unit\":\"us\",\"contestants\":[";
    for (auto& w : r.who)
      out << (&w == &r.who.front() ? "" : ",") << "{\"name\":\"" << w.name << "\",\"p50\":" << w.median_of(&latency::p50)
          << ",\"p99\":" << w.median_of(&latency::p99) << ",\"max\":" << w.longest()
          << ",\"ratio\":" << median_ratio(w.rounds, r.who.back().rounds, std::mem_fn(&latency::p50)) << ",\"goal\":{\"p50\":" << w.goal.p50
          << ",\"p99\":" << w.goal.p99 << "}}";
    out << "]}";
  }
  out << "]";
}

}  // namespace banyan::bench
