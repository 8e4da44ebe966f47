// The actor tree of a node, as served at /topology and printed by the command `topology`.
//
//   41 actors: 1 crash, 1 restart
//   ├─ orders                      running
//   │  ├─ shard.order.* (31)       running
//   │  ├─ shard.order.7            restarting  1 restart, last: internal: no luck (on place_order), waiting for restart in 2.3 s
//   │  └─ projection.sales         running
//   └─ edge/* (4)                  running
//
// Numbered actors of a kind that run and never crashed share a line; others have their own.
#pragma once

#include <banyan/actor/system.hpp>

#include <boost/describe.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace banyan {

struct topology_actor {
  std::uint64_t id = 0;
  std::uint64_t parent = 0;  // 0: root
  std::string name, phase;
  std::uint32_t restarts = 0;
  std::string last_cause = {}, message = {};  // of the last crash: error and message
  double down_for = 0;                      // seconds; 0: running
  double restart_in = 0;                    // seconds; 0: at once, or unknown
};
BOOST_DESCRIBE_STRUCT(topology_actor, (), (id, parent, name, phase, restarts, last_cause, message, down_for, restart_in))

struct topology_report {
  std::vector<topology_actor> actors;  // only those with a name
  std::uint64_t crashes = 0, restarts = 0, stopped = 0, refused_while_down = 0, lost_while_down = 0;
};
BOOST_DESCRIBE_STRUCT(topology_report, (), (actors, crashes, restarts, stopped, refused_while_down, lost_while_down))

// "shard.order.7" -> "shard.order."; empty if the name does not end in a number.
std::string stem_of(const std::string& name);

topology_report topology_of(const actor_system& system);
std::string to_tree(const topology_report& r);

}  // namespace banyan
