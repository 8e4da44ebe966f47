// The supervisor's decision core, independent of actors: it is told what happened to the children and answers what to do, in order. It knows no clock:
// every event brings its time and a source of randomness for the jitter.
//
// Use it when you host children of a kind that supervisor.hpp does not know (processes); otherwise use supervisor.hpp.
//
//   strategy s{policy, {{.name = "store"}, {.name = "cache"}}};
//   s.begin({}, at)             // {start 0}
//   s.started(0, at)            // {start 1}
//   s.started(1, at)            // {up}
//   s.exited(0, exit_reason::failed, at)   // {start 0}, or {wait 1, 50ms} when it failed a moment ago
//   s.terminate(7, "cache", at)            // {stop 1}, and {answer 7, done} when it has ended
//
// One thing at a time, as in OTP: children are started one after the other, each when the one before it is up, and suspended in reverse order,
// each when the one after it has ended. What happens or is asked meanwhile waits its turn, and so does the next try to start a child that
// could not; a child that a restart takes along has no turn of its own. The wait of a back-off is not such a thing: the other children go
// on.
//
// A child is known by a number, its place among the others: from 0 in the order of the constructor, then in the order of add().
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

// The answer to a question; in brackets what OTP calls it where the words differ.
enum class verdict : std::uint8_t {
  done,        // (ok)
  unknown,     // nobody has this name (not_found)
  running,     // that child runs (running, already_started)
  restarting,  // that child could not start, and will be tried again
  down,        // a child of this name is there, though it does not run (already_present)
  failed,      // it could not start, and will not be tried again
};

struct child_action {
  enum kind_type : std::uint8_t {
    start,          // make it run; then started() or exited()
    suspend,           // end this incarnation, keep its place; then ended(), or overdue() after its shutdown time
    stop,           // the same, for good
    abandon,        // it did not end in time: forget it, start a new one when told to
    drop,           // it will not come back (unless all restart, or somebody asks): free what it holds; no answer
    wait,           // call wait_over(token) after this time
    up,             // all children are up for the first time
    answer,         // to the question `token`, about this child
    escalate,       // too many restarts, or (`failed`) before all were up once, and all are suspended: end, and let your supervisor decide
    auto_shutdown,  // significant children have ended, and all others are suspended: end, this is no failure
    down,           // all have ended as ordered by shut_down()
  };
  kind_type kind;
  std::size_t child = 0;                            // `wait`: its token
  nanoseconds time{0};                              // `wait`: how long; `suspend`, `stop`: the shutdown time
  banyan::verdict verdict = banyan::verdict::done;  // `answer`, `escalate`
  std::size_t token = 0;                            // `answer`
  friend bool operator==(const child_action&, const child_action&) = default;
};
using child_actions = std::vector<child_action>;

// What a child is doing. `fallen`: it has ended unasked, and its turn is to come; `restarting`: it waits for the next try to start it.
enum class child_state : std::uint8_t { idle, starting, running, suspending, fallen, restarting, gone };
std::string_view to_string(child_state s);

class strategy {
 public:
  using state = child_state;

  strategy(supervision_policy policy, std::vector<child_policy> children);

  // Starts all, in order; first suspends those that still run from before (a supervisor that was itself restarted).
  child_actions begin(const std::vector<bool>& alive, moment at);

  child_actions started(std::size_t child, moment at);
  child_actions exited(std::size_t child, exit_reason why, moment at);  // unasked
  child_actions ended(std::size_t child, moment at);                    // as ordered; unasked, somebody else has shut it down
  child_actions overdue(std::size_t child, moment at);                  // `shutdown` has passed since it was ordered to end
  child_actions wait_over(std::size_t token, moment at);
  child_actions shut_down(bool for_good, moment at);  // ends all, last one first

  // Questions: each is answered once, with its token, after what happened before; none when the supervisor ends before.
  child_actions add(std::size_t token, child_policy child, moment at);  // a new child, the last one: number next_child(); kept if it starts
  child_actions terminate(std::size_t token, std::string name, moment at);  // ends it, or the tries to start it
  child_actions restart(std::size_t token, std::string name, moment at);    // starts one that does not run; intensity does not count it
  child_actions remove(std::size_t token, std::string name, moment at);     // forgets one that does not run

  std::size_t next_child() const { return next_child_; }
  child_state state_of(std::size_t child) const;
  int restarts_of(std::size_t child) const;
  const child_policy& policy_of(std::size_t child) const { return children_.at(child).policy; }
  std::vector<std::size_t> children() const;                 // in the order of their start
  std::vector<std::size_t> waiting_for(std::size_t token) const;  // those that the end of this wait will start
  bool is_up() const { return up_; }

 private:
  struct child {
    child_policy policy;
    banyan::backoff waits;
    child_state now = child_state::idle;
    int restarts = 0;
  };
  using numbers = std::deque<std::size_t>;
  struct round {                    // what is being done
    numbers suspend = {}, start = {};  // the next one is in front
    std::size_t failed = nobody;    // whose restart it is
    nanoseconds wait{0};            // between the two
    std::size_t starting = nobody;
    bool first = false;                        // part of the first start
    bool for_good = false;                     // stops them instead of suspending
    std::optional<std::size_t> question = {};  // answered when it is over; about ...
    std::size_t about = nobody;
    bool is_new = false;                          // ... the child that it was to add
    std::optional<child_action::kind_type> last = {};  // escalate, auto_shutdown or down: nothing comes after it
  };
  struct turn {  // what waits until the round is over
    enum kind_type : std::uint8_t { exit, due, add, terminate, restart, remove } kind;
    std::size_t child = 0;  // exit, add
    std::size_t token = 0;  // due, questions
    exit_reason::kind_type why = exit_reason::normal;
    bool first = false;  // it could not start, in the first start
    numbers rest = {};   // these were to start after it
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
  std::map<std::size_t, child_policy> added_;  // their turn is to come
  std::optional<round> round_;
  std::deque<turn> turns_;
  std::vector<delayed> delayed_;
  restart_count restarts_;
  std::size_t tokens_ = 0, next_child_ = 0;
  bool up_ = false, closing_ = false;
};

}  // namespace banyan
