// The supervisor's decision core, independent of actors: events of the children in, actions out, in order. Pure:
// every event brings its time and a source of randomness for the jitter.
//
// Use it to supervise other things than actors (processes); otherwise use supervisor.hpp.
//
//   strategy s{policy, {{.name = "store"}, {.name = "cache"}}};
//   s.begin({}, at)             // {start 0}
//   s.started(0, at)            // {start 1}
//   s.started(1, at)            // {up}
//   s.exited(0, exit_reason::failed, at)   // {start 0}, or {wait 1, 50ms} after an earlier failure
//   s.terminate(7, "cache", at)            // {stop 1}, and {answer 7, done} when it has ended
//
// One operation at a time, as in OTP: children are started one after the other, each when the one before is up, and
// suspended in reverse order, each when the one after it has ended. Events and requests that arrive meanwhile are
// queued, and so is the retry of a failed start; the events of a child that a group restart includes are absorbed by
// it. The wait of a back-off does not block: the other children go on.
//
// A child is identified by its number: from 0 in the order of the constructor, then of add().
#pragma once

#include <banyan/core/exit_reason.hpp>
#include <banyan/supervision/restart_count.hpp>

#include <deque>
#include <map>
#include <string>
#include <vector>

namespace banyan {

struct moment {
  monotonic now;
  random_source& random;
};

// The answer to a request; in parentheses OTP's word where it differs.
enum class verdict : std::uint8_t {
  done,        // (ok)
  unknown,     // no child has this name (not_found)
  running,     // the child runs (running, already_started)
  restarting,  // the child could not start and will be retried
  down,        // a child of this name exists and does not run (already_present)
  failed,      // it could not start and will not be retried
};

struct child_action {
  enum kind_type : std::uint8_t {
    start,          // start it; then call started() or exited()
    suspend,           // end this incarnation; then ended(), or overdue() after its shutdown time
    stop,           // the same for good
    abandon,        // it exceeded its time: drop it, start a new one on the next `start`
    drop,           // not restarted (unless all are, or on request): free its resources; no answer
    wait,           // call wait_over(token) after this time
    up,             // all children are up for the first time
    answer,         // to the question `token`, about this child
    escalate,       // too many restarts, or a failed first start (`failed`); all are suspended: end with a failure
    auto_shutdown,  // significant children have ended, all others are suspended: end without a failure
    down,           // all have ended as ordered by shut_down()
  };
  kind_type kind;
  std::size_t child = 0;                            // `wait`: its token
  nanoseconds time{0};                              // `wait`: duration; `suspend`, `stop`: the shutdown time
  banyan::verdict verdict = banyan::verdict::done;  // `answer`, `escalate`
  std::size_t token = 0;                            // `answer`
  friend bool operator==(const child_action&, const child_action&) = default;
};
using child_actions = std::vector<child_action>;

// The state of a child. `fallen`: it has ended without an order and its event is queued; `restarting`: it waits for
// the next attempt to start.
enum class child_state : std::uint8_t { idle, starting, running, suspending, fallen, restarting, gone };
std::string_view to_string(child_state s);

class strategy {
 public:
  using state = child_state;

  strategy(supervision_policy policy, std::vector<child_policy> children);

  // Starts all, in order. First suspends those still running from before the supervisor's own restart.
  child_actions begin(const std::vector<bool>& alive, moment at);

  child_actions started(std::size_t child, moment at);
  child_actions exited(std::size_t child, exit_reason why, moment at);  // not ordered
  child_actions ended(std::size_t child, moment at);  // as ordered; if not ordered, others have stopped it
  child_actions overdue(std::size_t child, moment at);                  // its shutdown time has passed
  child_actions wait_over(std::size_t token, moment at);
  child_actions shut_down(bool for_good, moment at);  // ends all, last one first

  // Requests: each is answered once, with its token, after earlier events; not answered when the supervisor ends
  // first.

  // Appends a child, number next_child(); kept if it starts.
  child_actions add(std::size_t token, child_policy child, moment at);
  // Ends it, or stops the attempts to start it.
  child_actions terminate(std::size_t token, std::string name, moment at);
  // Starts one that does not run; not counted by the intensity.
  child_actions restart(std::size_t token, std::string name, moment at);
  child_actions remove(std::size_t token, std::string name, moment at);     // removes one that does not run

  std::size_t next_child() const { return next_child_; }
  child_state state_of(std::size_t child) const;
  int restarts_of(std::size_t child) const;
  const child_policy& policy_of(std::size_t child) const { return children_.at(child).policy; }
  std::vector<std::size_t> children() const;                 // in start order
  std::vector<std::size_t> waiting_for(std::size_t token) const;  // children that the end of this wait will start
  bool is_up() const { return up_; }

 private:
  struct child {
    child_policy policy;
    banyan::backoff waits;
    child_state now = child_state::idle;
    int restarts = 0;
  };
  using numbers = std::deque<std::size_t>;
  struct round {                    // the current operation
    numbers suspend = {}, start = {};  // next one first
    std::size_t failed = nobody;    // the child being restarted
    nanoseconds wait{0};            // between suspending and starting
    std::size_t starting = nobody;
    bool first = false;                        // part of the first start
    bool for_good = false;                     // stops them instead of suspending
    std::optional<std::size_t> question = {};  // request to answer at the end; about ...
    std::size_t about = nobody;
    bool is_new = false;                          // ... a child to add
    std::optional<child_action::kind_type> last = {};  // final action: escalate, auto_shutdown or down
  };
  struct turn {  // a queued event or request
    enum kind_type : std::uint8_t { exit, due, add, terminate, restart, remove } kind;
    std::size_t child = 0;  // exit, add
    std::size_t token = 0;  // due, questions
    exit_reason::kind_type why = exit_reason::normal;
    bool first = false;  // a failure in the first start
    numbers rest = {};   // children to start after it
    std::string name = {};
  };
  struct delayed {
    std::size_t token, failed;
    numbers start;
    bool first;
  };
  static constexpr std::size_t nobody = ~std::size_t{0};

  void proceed(child_actions& out, moment at);
  bool halt_next(child_actions& out);
  bool start_next(child_actions& out);
  void take(turn t, child_actions& out, moment at);
  void take_exit(turn& t, child_actions& out, moment at);
  void take_wait(std::size_t token, child_actions& out);
  std::optional<verdict> take_question(const turn& t, std::size_t about, child_actions& out);
  void give_up(std::size_t number, child_actions& out);
  child_actions ask(turn t, moment at);
  void could_not_start(std::size_t number, child_actions& out);
  void close(child_action::kind_type last, bool for_good);
  bool is_work_done(const child_policy& ended) const;
  void take_along(round& r, child_actions& out);
  void absorb(round& r, child_actions& out);
  bool is_taken_along(std::size_t number) const;
  void leave(std::size_t number, child_actions& out);
  child* find(std::size_t number);
  std::size_t find(const std::string& name) const;

  supervision_policy policy_;
  std::map<std::size_t, child> children_;
  std::map<std::size_t, child_policy> added_;  // children whose `add` is queued
  std::optional<round> round_;
  std::deque<turn> turns_;
  std::vector<delayed> delayed_;
  restart_count restarts_;
  std::size_t tokens_ = 0, next_child_ = 0;
  bool up_ = false, closing_ = false;
};

}  // namespace banyan
