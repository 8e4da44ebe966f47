// Internal control messages of the actor room: lifecycle orders, wake-ups, work posted to an actor.
#pragma once

#include <banyan/actor/actor.hpp>

namespace banyan {

struct control {
  // kill: end at once, without waiting for anything.
  enum kind_type : std::uint8_t { restart, suspend, stop, kill, stop_when_idle, run, child_ended, restart_at, give_up };
  kind_type kind;
  std::uint32_t incarnation = 0;                  // restart: after the crash of this incarnation; 0: any
  std::uint64_t number = 0;                       // restart, suspend: number of the supervisor's order; 0: not from it
  completion<done> stopped = {};                  // stop: called when the actor has ended
  bool left_behind = false;                       // stop: it exceeded its stop time; the system ends it at shutdown
  address child = {};                             // child_ended: the child
  monotonic at = monotonic::max();                // restart_at: the time
  std::function<void(actor_host&)> work = {};     // run: runs as this actor
  context_ptr context = {};                       // give_up: the request's context
};

void order(const address& who, control c);

// Sent at the earliest time at which a call may expire, a timer may be due, or the wait for a restart may be over.
struct wake_up {};

namespace detail {
std::string what_was_thrown();          // the current exception's text; call in a catch block
std::string what_was_thrown(const std::exception_ptr& thrown);
message_ptr failure_message(error e);     // an answer of kind failure
message_ptr wake_up_message(std::uint64_t id);
}  // namespace detail

// Runs `work` as the actor `who`, after its queued messages; while it is down, after its restart.
void post_work(const address& who, std::function<void(actor_host&)> work);

}  // namespace banyan
