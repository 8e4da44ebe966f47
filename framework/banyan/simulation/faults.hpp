// The faults of a simulation, as data: a list with time, place and duration of each. It is a pure function of
// options and seed, it prints as sentences, and it can be shortened, by which a failing run is minimised.
//
//   seeded_random random{42, "faults"};
//   fault_plan plan = random_faults({.nodes = {"shop"}, .count = 16, .within = 50s}, random);
//   simulation world{app, {.seed = 42, .faults = plan}};     // injected while the world runs
//   fault_plan by_hand{{.kind = fault_kind::crash, .at = 2s, .node = "shop", .during = crash_point::append}};
//
// Every fault is temporary: a crashed node restarts, a link heals. No CAF, no I/O.
#pragma once

#include <banyan/core/ids.hpp>
#include <banyan/core/time.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

enum class fault_kind : std::uint8_t {
  crash,        // power failure of the node; it restarts after `lasts`
  pause,        // the node runs no actor and no timer, then catches up (like a stopped process)
  clock_jump,   // the node's wall clock jumps by `jump`, either way; its steady clock does not
  failed_sync,  // the next batch of the node's journal fails to sync
  slow_disk,    // the node's disk is slower by the factor `times`
  // The journal's queue is full for the next `times` appends: refused at once, before queued ones are answered.
  full_queue,
  oversized,    // the next `times` appends are refused as too large
  drop,         // the link loses a `share` of the messages
  delay,        // ... delays messages by up to `jump`
  duplicate,    // ... delivers a `share` twice
  reorder,      // ... delivers in any order
  cut,          // ... delivers nothing, both ways
  cut_one_way,  // ... delivers nothing from `node` to `to`
};
constexpr std::size_t fault_kinds = 13;
std::string_view to_string(fault_kind k);

// The operation during which the power fails. `anywhere`: between any two messages.
enum class crash_point : std::uint8_t { anywhere, append, snapshot, projection, passivation, start };
constexpr std::size_t crash_points = 6;
std::string_view to_string(crash_point m);  // "an append"

struct planned_fault {
  fault_kind kind = fault_kind::crash;
  timespan at = {};                            // since the start of the simulation
  std::string node;                            // the node; for a link, one end
  std::string to = {};                         // for a link, the other end
  crash_point during = crash_point::anywhere;  // crash: armed at `at`, happens during this operation
  int steps = 0;                               // crash: after this many messages of the operation
  timespan lasts = {};
  nanoseconds jump = {};  // for clock_jump, delay
  double share = 0;       // for drop, duplicate: 0 to 1
  int times = 1;          // for slow_disk, full_queue, oversized
};
// "the power of shop fails during an append, 2 messages in; it is back after 0.300 s"; to_string adds the time.
std::string what_happens(const planned_fault& f);
std::string to_string(const planned_fault& f);

using fault_plan = std::vector<planned_fault>;  // ordered by time

inline constexpr std::string_view clients = "clients";  // name of the links' end that is no node

struct fault_options {
  std::vector<std::string> nodes = {};  // nodes that may be affected
  int count = 12;
  timespan within = std::chrono::seconds{60};
  std::vector<fault_kind> kinds = {};    // empty: all
  std::vector<crash_point> during = {};  // for crashes; empty: all
};

// Kinds (and crash points) are drawn without replacement until each has occurred once, then again.
fault_plan random_faults(const fault_options& options, random_source& random);

}  // namespace banyan
