// Searches many seeds for a failing run and minimises it: the failing seed is replayed, then as few of its faults
// and of the scenario's operations are kept as still break the same law, and that run is reported with its trace.
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
// A run fails when a law of the options (laws.hpp) does not hold at its end or at the law's interval, or when the
// scenario throws; broken_law (simulation::require) names the law. A scenario must take all randomness from the world,
// and an operation must behave the same whichever others run. With the report's BANYAN_REPLAY a program runs that one
// seed again, with the whole trace; with BANYAN_SEEDS it runs another number of seeds, such as more at night:
//
//   BANYAN_REPLAY='seed=42 operations=0,17 faults=2,7' ./program
//   BANYAN_SEEDS=10000 ./program
#pragma once

#include <banyan/simulation/laws.hpp>
#include <banyan/simulation/simulation.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace banyan {

struct simulate_options {
  std::uint64_t first_seed = 1;
  std::uint64_t seeds = 100;      // the variable BANYAN_SEEDS, if set, replaces it
  std::size_t operations = 100;   // number of operations given to the scenario
  fault_options faults = {};      // `nodes`: default is the application
  simulation_options world = {};  // `seed`, `faults` and `trace_log` are set per run
  int attempts = 200;             // at most this many runs for minimising
  std::size_t trace_log = 60;         // trace lines in the report; a replay has all
  std::string replay = {};        // "seed=42 operations=0,17 faults=2,7"; empty: the variable BANYAN_REPLAY, if set
  // Checked after the scenario and at their intervals. They only look: the scenario's variables are gone then. A law
  // that runs the world is declared in the scenario (checked_laws).
  std::vector<law> laws = {};
};

using workload = std::vector<std::size_t>;  // all or some of 0 .. simulate_options::operations - 1
using scenario = std::function<void(simulation& world, const workload& some)>;

// The parameters that reproduce a run.
struct simulated_run {
  std::uint64_t seed = 1;
  workload operations = {};
  std::vector<std::size_t> faults = {};  // indices of the injected faults of the seed's plan
  friend bool operator==(const simulated_run&, const simulated_run&) = default;
};
std::string to_string(const simulated_run& r);  // "seed=42 operations=0,17 faults=2,7"
// Missing parts are taken from `whole`.
result<simulated_run> parse_simulated_run(std::string_view text, const simulated_run& whole);

struct simulation_failure {
  std::string law, message;      // of the run that was found first
  std::uint64_t trace = 0;       // hash of all events until the failure
  bool replays_exactly = false;  // a replay gave the same failure and trace
  simulated_run found, smallest;
  std::string smallest_message = {};
  fault_plan faults = {};               // of the minimised run
  std::vector<std::string> trace_log = {};  // of the minimised run, at most the requested number of lines
  int attempts = 0;                     // runs used for minimising
};

struct simulation_report {
  std::uint64_t seeds = 0;  // seeds run; the search stops at the first failure
  timespan real = {};
  simulation_counts counts;
  std::optional<simulation_failure> failure;
  std::vector<std::string> trace_log;  // of a replay, also when it did not fail
};
std::string to_string(const simulation_report& r);

// Throws result_error (invalid_argument) for a variable or `replay` that can not be read. `app` is the first node. The
// overload without it: the scenario adds all nodes, and `faults.nodes` must be set.
simulation_report simulate(const application& app, simulate_options options, const scenario& what);
simulation_report simulate(simulate_options options, const scenario& what);

}  // namespace banyan
