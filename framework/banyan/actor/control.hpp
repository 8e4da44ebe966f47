// The kernel's own messages. Not for users.
#pragma once

#include <banyan/actor/actor.hpp>

namespace banyan {

struct control {
  // kill: whatever it waits for
  enum kind_type : std::uint8_t { restart, suspend, stop, kill, stop_when_idle, run, child_ended, restart_at, give_up };
  kind_type kind;
  std::uint32_t incarnation = 0;                    // restart: of which crash; 0: of any
  std::uint64_t number = 0;                         // restart, suspend: the supervisor's, for its reports; 0: not its
  completion<done> stopped = {};                    // stop: told when it has ended
  bool left_behind = false;                         // stop: it had its time; the system ends it at last, since nobody else knows it
  address child = {};                               // child_ended: which
  monotonic at = monotonic::max();                  // restart_at: when
  std::function<void(actor_host&)> work = {};       // run: something to do as this actor
  context_ptr context = {};                         // give_up: of the request
};

void order(const address& who, control c);

// A deadline in the call table may have passed, a timer may be due, the actor's own wait for its restart may be over.
struct wake_up {};

namespace detail {
std::string what_was_thrown();          // inside a catch block
std::string what_was_thrown(const std::exception_ptr& thrown);
message_ptr failure_message(error e);     // an answer
message_ptr wake_up_message(std::uint64_t id);
}  // namespace detail

// Runs `work` as the actor `who`, after what is queued; while it is down, with what waits for its restart.
void post_work(const address& who, std::function<void(actor_host&)> work);

}  // namespace banyan
