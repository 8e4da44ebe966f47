// Looks for a run that fails, among many seeds, and makes it small: a failing seed is replayed, then as few of its faults and as few of the
// scenario's operations are kept as still break the same law, and that run is told as a trace.
//
//   int main() {
//     auto report = simulate(shop(), {.seeds = 200, .operations = 50}, [](simulation& world, const workload& some) {
//       for (auto i : some) world.after(i * 1s, [&world, i] { place_order(world, i); });
//       world.run_for(60s);
//       world.heal();
//       world.run_for(60s);
//       world.require(lost_orders(world) == 0, "no acknowledged order is lost");
//     });
//     std::cout << to_string(report);
//     return report.failure ? 1 : 0;
//   }
//
// A scenario fails when it throws; broken_law (simulation::require) names the law. It takes all that is random from the world and its
// seed, and each operation does the same whichever others are done. What the report says to set as
// BANYAN_REPLAY runs one seed alone, with its whole trace:
//
//   BANYAN_REPLAY='seed=42 operations=0,17 faults=2,7' ./program
#pragma once

#include <banyan/simulation/simulation.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace banyan {

struct simulate_options {
  std::uint64_t first_seed = 1;
  std::uint64_t seeds = 100;
  std::size_t operations = 100;   // that the scenario is given, by number
  fault_options faults = {};      // nodes: the application, unless named
  simulation_options world = {};  // its seed, faults and trace are the run's own
  int attempts = 200;             // runs spent on making a failure small
  std::size_t trace_log = 60;         // last lines of the trace in the report; a replay has them all
  std::string replay = {};        // "seed=42 operations=0,17 faults=2,7"; empty: what BANYAN_REPLAY says, if anything
};

using workload = std::vector<std::size_t>;  // 0 .. simulate_options::operations - 1, or some of them
using scenario = std::function<void(simulation& world, const workload& some)>;

// One run: what it takes to have it again.
struct simulated_run {
  std::uint64_t seed = 1;
  workload operations = {};
  std::vector<std::size_t> faults = {};  // which of the seed's plan strike
  friend bool operator==(const simulated_run&, const simulated_run&) = default;
};
std::string to_string(const simulated_run& r);                                                 // "seed=42 operations=0,17 faults=2,7"
result<simulated_run> parse_simulated_run(std::string_view text, const simulated_run& whole);  // what is left out is as in `whole`

struct simulation_failure {
  std::string law, message;      // of the run that was found
  std::uint64_t trace = 0;       // hash of all that happened until then
  bool replays_exactly = false;  // the same run again: the same failure and the same trace
  simulated_run found, smallest;
  std::string smallest_message = {};
  fault_plan faults = {};               // of the smallest
  std::vector<std::string> trace_log = {};  // of the smallest, at most as many lines as were asked for
  int attempts = 0;                     // runs it took to make it small
};

struct simulation_report {
  std::uint64_t seeds = 0;  // that ran; the first failure is the last
  timespan real = {};
  simulation_counts counts;
  std::optional<simulation_failure> failure;
  std::vector<std::string> trace_log;  // of a replay, whether it failed or not
};
std::string to_string(const simulation_report& r);

// `app` is the first node; without it, the scenario adds all nodes, and `faults.nodes` names those that may suffer.
simulation_report simulate(const application& app, simulate_options options, const scenario& what);
simulation_report simulate(simulate_options options, const scenario& what);

}  // namespace banyan
