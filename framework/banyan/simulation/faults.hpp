// What goes wrong in a simulation, as data: a list of faults, each with its instant, its place and how long it lasts. The list is a pure
// function of options and seed, it prints as sentences, and it can be made shorter: that is how a failing run is minimised.
//
//   seeded_random random{42, "faults"};
//   fault_plan plan = random_faults({.nodes = {"shop"}, .count = 16, .within = 50s}, random);
//   simulation world{app, {.seed = 42, .faults = plan}};     // they strike while the world runs
//   fault_plan by_hand{{.kind = fault_kind::crash, .at = 2s, .node = "shop", .during = crash_point::append}};
//
// Every fault ends by itself: a crashed node starts again, a link heals. No CAF, no I/O.
#pragma once

#include <banyan/core/ids.hpp>
#include <banyan/core/time.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

enum class fault_kind : std::uint8_t {
  crash,        // of the node's power; it starts again after `lasts`
  pause,        // the node runs no actor and no timer, then catches up (a stopped process, a long collection of garbage)
  clock_jump,   // its wall clock jumps by `jump`, forwards or backwards; what is steady stays steady
  failed_sync,  // the next batch of its journal fails to sync
  slow_disk,    // its disk takes `times` as long
  full_queue,   // its journal's queue has no room for the next `times` appends: they are refused at once, ahead of those that wait
  oversized,    // the next `times` appends are refused at once as too large
  drop,         // the link loses a `share` of what it carries
  delay,        // ... is slower by up to `jump`
  duplicate,    // ... delivers a `share` of it twice
  reorder,      // ... delivers in any order
  cut,          // ... carries nothing, both ways
  cut_one_way,  // ... nothing from `node` to `to`
};
constexpr std::size_t fault_kinds = 13;
std::string_view to_string(fault_kind k);

// When exactly the power fails: in the middle of something. `any`: between any two messages.
enum class crash_point : std::uint8_t { anywhere, append, snapshot, projection, passivation, start };
constexpr std::size_t crash_points = 6;
std::string_view to_string(crash_point m);  // "an append"

struct planned_fault {
  fault_kind kind = fault_kind::crash;
  timespan at = {};                            // since the world began
  std::string node;                            // where; of a link: one end
  std::string to = {};                         // of a link: the other end
  crash_point during = crash_point::anywhere;  // crash: armed at `at`, it strikes when the node is in the middle of this
  int steps = 0;                               // crash: this many messages into it, if it lasts that long
  timespan lasts = {};
  nanoseconds jump = {};  // clock_jump, delay
  double share = 0;       // drop, duplicate
  int times = 1;          // slow_disk, full_queue, oversized
};
// "the power of shop fails during an append, 2 messages in; it is back after 0.300 s", and with its instant before it.
std::string what_happens(const planned_fault& f);
std::string to_string(const planned_fault& f);

using fault_plan = std::vector<planned_fault>;  // by time

inline constexpr std::string_view clients = "clients";  // the end of every link that is no node

struct fault_options {
  std::vector<std::string> nodes = {};  // who may suffer
  int count = 12;
  timespan within = std::chrono::seconds{60};
  std::vector<fault_kind> kinds = {};    // empty: all
  std::vector<crash_point> during = {};  // of crashes; empty: all
};

// Kinds (and crash points) are dealt like cards: none comes a second time before each has come once.
fault_plan random_faults(const fault_options& options, random_source& random);

}  // namespace banyan
