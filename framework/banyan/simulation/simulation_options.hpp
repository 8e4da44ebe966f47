// What a simulation is given, and what it counts.
#pragma once

#include <banyan/simulation/faults.hpp>
#include <banyan/simulation/link.hpp>

#include <array>
#include <cstdint>

namespace banyan {

struct simulation_options {
  std::uint64_t seed = 1;
  timespan disk_min = std::chrono::microseconds{50};  // how long a disk takes for a batch of the journal, or for a view's write
  timespan disk_max = std::chrono::milliseconds{5};
  fault_plan faults = {};                        // what strikes, and when
  link_latency network = {};                     // of every link in good health
  bool shared_journal = false;  // all nodes write to one journal, on a server that does not fail; else each has its own
  timespan patience = std::chrono::seconds{30};  // of a client: then a request without an answer has failed for it
  std::size_t trace_log = 0;                         // lines kept of the trace; 0: it is not told, and costs nothing
};

// What happened, counted; for tests that must know they met the case they are about.
struct simulation_counts {
  std::uint64_t steps = 0;     // messages handled
  std::uint64_t requests = 0;  // of clients
  std::uint64_t messages = 0;   // between nodes
  std::uint64_t crashes = 0;
  std::array<std::uint64_t, crash_points> crashes_during{};  // by crash_point; one crash may be in the middle of several things
  std::uint64_t starts = 0;
  std::uint64_t disk_batches = 0, view_writes = 0, passivations = 0;
  std::array<std::uint64_t, fault_kinds> faults{};  // that struck, by kind
  simulated_link::statistics links;
  timespan simulated = {};

  std::uint64_t during(crash_point m) const { return crashes_during[static_cast<std::size_t>(m)]; }
  std::uint64_t struck(fault_kind k) const { return faults[static_cast<std::size_t>(k)]; }
  simulation_counts& operator+=(const simulation_counts& more);
};
std::string to_string(const simulation_counts& c);  // a line per subject

}  // namespace banyan
