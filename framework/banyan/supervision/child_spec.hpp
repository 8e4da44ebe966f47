// The child specification, requests and events of a supervisor (supervisor.hpp) and of a pool (pool.hpp).
//
//   child_spec sweeper{.name = "sweeper", .make = make_sweeper, .type = restart_type::transient};
//   result<address> a = co_await self().ask<start_child>(top, 1s, sweeper);          // a new child, after the others
//   auto now = system.ask_and_wait(top, list_children{}, 1s);                        // what all of them are doing
//
// A request waits until the supervisor's current operation is done, since starting and ending children takes time.
// If the supervisor ends first, the answer is `unavailable`.
#pragma once

#include <banyan/actor/actor.hpp>
#include <banyan/supervision/strategy.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

struct child_spec {
  std::string name;  // unique among its siblings; shown in the topology
  actor_factory make;
  restart_type type = restart_type::permanent;
  timespan shutdown = std::chrono::seconds{5};  // abandon_at_once, wait_forever; nested supervisors: wait_forever
  std::size_t stash_limit = 1000;               // messages kept while the child is down
  bool significant = false;                     // its end may end the supervisor (supervision_policy::auto_shutdown)
};

// Starts one more child. It lives as long as this incarnation of the supervisor: after a restart the supervisor has
// the children of its specification. Errors: invalid_argument; conflict when the name is taken (reason `running` or
// `down`); unavailable when the child fails to start, which is not retried.
struct start_child {
  using reply = address;
  child_spec child;
};

// Status of the children, in the order of their start. Answered at once, also during a restart.
struct child_status {
  std::string name;
  child_state state;
  address who;       // null when it has ended for good
  int restarts = 0;  // restarts caused by this child
};
struct list_children {
  using reply = std::vector<child_status>;
};

// Answered when all children have been up at least once.
struct await_children {
  using reply = done;
};

// A lifecycle event of a child, as seen by its supervisor.
struct child_event {
  enum kind_type : std::uint8_t {
    started,
    ended,      // `why` has the exit reason; `failed` during a start: could not start
    abandoned,  // exceeded its shutdown time; it may still be running
  };
  kind_type kind;
  std::string_view child;
  exit_reason why;
  address who = {};  // started: a new address after it was abandoned, or after a normal end
};

// Callbacks for logs, metrics and tests, on the supervisor's thread. Must not throw.
struct supervision_hooks {
  std::function<void(const child_event&)> event = {};
  // The supervisor gives up. Without a supervisor above it has ended then, and the program should end too.
  std::function<void(const error& last_cause)> escalated = {};
};

}  // namespace banyan
