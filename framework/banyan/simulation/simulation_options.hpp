// The options of a simulation, and its counters.
#pragma once

#include <banyan/simulation/faults.hpp>
#include <banyan/simulation/link.hpp>

#include <array>
#include <cstdint>

namespace banyan {

struct simulation_options {
  std::uint64_t seed = 1;
  timespan disk_min = std::chrono::microseconds{50};  // disk time of a journal batch or a view's write
  timespan disk_max = std::chrono::milliseconds{5};
  fault_plan faults = {};                        // faults to inject
  link_latency network = {};                     // of every link without faults
  bool shared_journal = false;  // one journal for all nodes, on a server that never fails; else one per node
  timespan patience = std::chrono::seconds{30};  // a client's time-out for a request
  bool record_spans = false;                         // simulation::spans(); changes nothing else of the run
  std::size_t trace_log = 0;                         // lines kept of the trace; 0: no trace, no cost
};

// Counters of a simulation, for tests that must prove that they covered a case.
struct simulation_counts {
  std::uint64_t steps = 0;     // messages handled
  std::uint64_t requests = 0;  // requests of clients
  std::uint64_t messages = 0;   // messages between nodes
  std::uint64_t crashes = 0;
  // By crash_point; a crash may be during several operations.
  std::array<std::uint64_t, crash_points> crashes_during{};
  std::uint64_t starts = 0;
  std::uint64_t disk_batches = 0, view_writes = 0, passivations = 0;
  std::array<std::uint64_t, fault_kinds> faults{};  // injected faults by kind
  simulated_link::statistics links;
  timespan simulated = {};

  std::uint64_t during(crash_point m) const { return crashes_during[static_cast<std::size_t>(m)]; }
  std::uint64_t struck(fault_kind k) const { return faults[static_cast<std::size_t>(k)]; }
  simulation_counts& operator+=(const simulation_counts& more);
};
std::string to_string(const simulation_counts& c);  // one line per subject

}  // namespace banyan
