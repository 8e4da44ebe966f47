// What a supervisor (supervisor.hpp) or a pool (pool.hpp) is told about a child, what it can be asked for, and what it tells about its
// children.
//
//   child_spec sweeper{.name = "sweeper", .make = make_sweeper, .type = restart_type::transient};
//   result<address> a = co_await self().ask<start_child>(top, 1s, sweeper);          // a new child, after the others
//   auto now = system.ask_and_wait(top, list_children{}, 1s);                        // what all of them are doing
//
// A question waits until what the supervisor is doing is done: starting and ending children takes its time. A supervisor that ends before
// it has answered is `unavailable`.
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
  std::size_t stash_limit = 1000;               // messages kept while it is down
  bool significant = false;                     // its end may be the end of all (supervision_policy::auto_shutdown)
};

// Starts one more. It stays while this incarnation of the supervisor does: a supervisor that is itself restarted has the children of its
// specification. Errors: invalid_argument; `conflict` when the name is taken, because `running` or `down`; `unavailable` when it can not
// start, which is not tried again.
struct start_child {
  using reply = address;
  child_spec child;
};

// In the order of their start. Answered at once, also in the middle of a restart.
struct child_status {
  std::string name;
  child_state state;
  address who;       // nobody, when it has ended for good
  int restarts = 0;  // those it was the cause of
};
struct list_children {
  using reply = std::vector<child_status>;
};

// Answered when all children have been up once.
struct await_children {
  using reply = done;
};

// A lifecycle event of a child, as its supervisor sees it.
struct child_event {
  enum kind_type : std::uint8_t {
    started,
    ended,      // `why` says how; in the middle of a start, `failed`: it could not start
    abandoned,  // it did not end in its time; somewhere it may still be running
  };
  kind_type kind;
  std::string_view child;
  exit_reason why;
  address who = {};  // started: at another address than before when it was abandoned, or comes back after a normal end
};

// Called on the supervisor's thread of control: for logs, metrics and tests. Must not throw.
struct supervision_hooks {
  std::function<void(const child_event&)> event = {};
  // It gives up. One that has no supervisor above has ended then: the program should too.
  std::function<void(const error& last_cause)> escalated = {};
};

}  // namespace banyan
