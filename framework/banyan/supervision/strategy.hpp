// The mind of a supervisor, without actors: it is told what happened to the children and answers what to do, in order. It knows no clock:
// every event brings its time and a source of randomness for the jitter.
//
// Use it when you host children of a kind that supervisor.hpp does not know (processes); otherwise use supervisor.hpp.
//
//   strategy s{policy, {{.name = "store"}, {.name = "cache"}}};
//   s.begin({}, at)             // {start 0}
//   s.started(0, at)            // {start 1}
//   s.started(1, at)            // {up}
//   s.exited(0, exit_reason::failed, at)   // {start 0}, or {wait 1, 50ms} when it failed a moment ago
//
// One thing at a time, as in OTP: children are started one after the other, each when the one before it is up, and halted in reverse order,
// each when the one after it has ended. What fails meanwhile waits its turn; a child that a restart takes along has no turn of its own.
// The wait of a back-off is not such a thing: the other children go on.
#pragma once

#include <banyan/supervision/policy.hpp>

#include <deque>
#include <vector>

namespace banyan {

enum class exit_reason : std::uint8_t {
  normal,  // it stopped by itself (in OTP also: `shutdown`)
  failed,  // it crashed, or could not start
};

struct moment {
  monotonic now;
  random_source& random;
};

struct child_action {
  enum kind : std::uint8_t {
    start,     // make it run; then started() or exited()
    halt,      // end this incarnation, keep its place; then ended(), or overdue() after its shutdown time
    stop,      // the same, for good
    abandon,   // it did not end in time: forget it, start a new one when told to
    drop,      // it will not come back (unless all restart): free what it holds; no answer
    wait,      // call wait_over(token) after this time
    up,        // all children are up for the first time
    escalate,  // too many restarts, and all children are halted: end yourself, and let your supervisor decide
    down,      // all have ended as ordered by shut_down()
  };
  kind what;
  std::size_t child = 0;       // index; `wait`: token
  nanoseconds time{0};         // `wait`: how long; `halt`, `stop`: the shutdown time
  friend bool operator==(const child_action&, const child_action&) = default;
};
using child_actions = std::vector<child_action>;

class strategy {
 public:
  enum class state : std::uint8_t { idle, starting, running, halting, gone };

  strategy(supervision_policy policy, std::vector<child_policy> children);

  // Starts all, in order; first halts those that still run from before (a supervisor that was itself restarted).
  child_actions begin(const std::vector<bool>& alive, moment at);

  child_actions started(std::size_t child, moment at);
  child_actions exited(std::size_t child, exit_reason why, moment at);  // unasked
  child_actions ended(std::size_t child, moment at);                    // as ordered; unasked, it counts as a normal exit
  child_actions overdue(std::size_t child, moment at);                  // `shutdown` has passed since it was ordered to end
  child_actions wait_over(std::size_t token, moment at);
  child_actions shut_down(bool for_good, moment at);                    // ends all, last one first

  state state_of(std::size_t child) const { return children_[child].now; }
  int restarts_of(std::size_t child) const { return children_[child].restarts; }
  const child_policy& policy_of(std::size_t child) const { return children_[child].policy; }
  std::size_t size() const { return children_.size(); }
  bool is_up() const { return up_; }

 private:
  struct child {
    child_policy policy;
    banyan::backoff waits;
    state now = state::idle;
    int restarts = 0;
  };
  using indices = std::deque<std::size_t>;
  struct round {                     // what is being done
    indices halt = {}, start = {};   // the next one is in front
    nanoseconds wait{0};             // between the two
    bool first = false;              // part of the first start
    bool for_good = false;           // stops them instead of halting
    std::optional<child_action::kind> last = {};  // escalate or down: nothing comes after it
  };
  struct delayed {
    std::size_t token;
    indices start;
    bool first;
  };
  struct exit_event {
    std::size_t child;
    exit_reason why;
    monotonic when;
  };

  void proceed(child_actions& out, moment at);
  bool halt_next(child_actions& out);
  bool start_next(child_actions& out);
  void handle(const exit_event& e, bool at_start, child_actions& out, random_source& random);
  void close(child_action::kind last, bool for_good);
  void take_along(round& r);
  bool is_taken_along(std::size_t child) const;
  void leave(std::size_t child, child_actions& out);
  bool is_too_much(monotonic now);

  supervision_policy policy_;
  std::vector<child> children_;
  std::optional<round> round_;
  std::deque<exit_event> exits_;     // wait until the round is over
  std::vector<delayed> delayed_;
  indices due_;                      // tokens whose wait was over during a round
  std::deque<monotonic> restarts_;   // within the intensity's time
  std::size_t tokens_ = 0;
  bool up_ = false, closing_ = false;
};

}  // namespace banyan
