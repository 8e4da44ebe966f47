// The table of bench_saga: each figure with its rounds, the reference that was measured in the same rounds, the median
// of the ratios, and whether the goal is met. Rounds alternate between a figure and its reference, so that a slow
// moment of the machine meets both.
#pragma once

#include <tests/bench/contest.hpp>

#include <cstdio>
#include <deque>
#include <ostream>
#include <string>
#include <vector>

namespace saga_bench {

enum class goal_kind {
  none,
  ratio_at_most,  // to the reference
  ratio_at_least,
  at_most,  // the figure itself
  at_least,
  exactly,  // the program ends with 1 when it is not so
};

struct figure {
  std::string part, name, unit;
  goal_kind kind = goal_kind::none;
  double goal = 0;
  std::string beside = {};  // the reference; empty: none
  std::vector<double> rounds = {}, reference = {};

  void add(double value) { rounds.push_back(value); }
  void add(double value, double other) {
    rounds.push_back(value);
    reference.push_back(other);
  }
  double value() const { return banyan::bench::median(rounds); }
  double ratio() const { return reference.empty() ? 0 : banyan::bench::median_ratio(rounds, reference); }
  bool is_met() const {
    switch (kind) {
      case goal_kind::none:
        return true;
      case goal_kind::ratio_at_most:
        return ratio() <= goal;
      case goal_kind::ratio_at_least:
        return ratio() >= goal;
      case goal_kind::at_most:
        return value() <= goal;
      case goal_kind::at_least:
        return value() >= goal;
      case goal_kind::exactly:
        break;
    }
    for (const auto r : rounds)
      if (r != goal) return false;
    return true;
  }
  std::string goal_text() const {
    char text[64];
    switch (kind) {
      case goal_kind::none:
        return "";
      case goal_kind::ratio_at_most:
        std::snprintf(text, sizeof text, "<= %.2fx", goal);
        break;
      case goal_kind::ratio_at_least:
        std::snprintf(text, sizeof text, ">= %.2fx", goal);
        break;
      case goal_kind::at_most:
        std::snprintf(text, sizeof text, "<= %.6g %s", goal, unit.c_str());
        break;
      case goal_kind::at_least:
        std::snprintf(text, sizeof text, ">= %.6g %s", goal, unit.c_str());
        break;
      case goal_kind::exactly:
        std::snprintf(text, sizeof text, "= %.0f", goal);
        break;
    }
    return text;
  }
};

class figures {
 public:
  // The reference stays valid.
  figure& add(figure f) { return all_.emplace_back(std::move(f)); }

  // Shows those of a part that has ended.
  void print(const std::string& part) const {
    for (const auto& f : all_) {
      if (f.part != part || f.rounds.empty()) continue;
      std::printf("  %-52s %12.6g %-9s", f.name.c_str(), f.value(), f.unit.c_str());
      if (f.kind != goal_kind::none)
        std::printf(" goal %-16s %s", f.goal_text().c_str(), f.is_met() ? "met" : "NOT met");
      std::printf("\n");
      if (!f.reference.empty())
        std::printf("    %.2fx of %-43s %12.6g %s\n", f.ratio(), f.beside.c_str(), banyan::bench::median(f.reference),
                    f.unit.c_str());
      std::printf("    rounds");
      for (const auto r : f.rounds) std::printf(" %.5g", r);
      if (!f.reference.empty()) std::printf(" | beside");
      for (const auto r : f.reference) std::printf(" %.5g", r);
      std::printf("\n");
    }
    std::fflush(stdout);
  }

  bool contract_holds() const {
    for (const auto& f : all_)
      if (f.kind == goal_kind::exactly && !f.is_met()) return false;
    return true;
  }

  void write_json(std::ostream& out) const {
    out << "[";
    bool first = true;
    for (const auto& f : all_) {
      if (f.rounds.empty()) continue;
      out << (first ? "" : ",") << "{\"part\":\"" << f.part << "\",\"name\":\"" << f.name << "\",\"unit\":\"" << f.unit
          << "\",\"value\":" << f.value();
      if (!f.reference.empty())
        out << ",\"beside\":\"" << f.beside << "\",\"reference\":" << banyan::bench::median(f.reference)
            << ",\"ratio\":" << f.ratio();
      if (f.kind != goal_kind::none)
        out << ",\"goal\":\"" << f.goal_text() << "\",\"met\":" << (f.is_met() ? "true" : "false");
      out << "}";
      first = false;
    }
    out << "]";
  }

 private:
  std::deque<figure> all_;
};

}  // namespace saga_bench
