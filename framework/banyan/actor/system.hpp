// The actors of one process (or of one simulated node): threads, clock, randomness, and the roots that are stopped at the end.
#pragma once

#include <banyan/actor/actor.hpp>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace banyan {

// An unordered lifecycle event of an actor.
enum class actor_event_kind : std::uint8_t {
  crashed,
  restarted,
  overflowed,  // it is down, and more is sent to it than it may keep: told once each time it is down
  request_failed,  // an exception ended one request or task of an actor that isolates them, which goes on; or see report_failure()
};
struct actor_event {
  actor_event_kind kind = actor_event_kind::crashed;
  std::string name;  // "shard.order.3"; of an actor without a name: that of the one above, and "/..."
  std::uint64_t id = 0;
  std::uint32_t restarts = 0;  // so far
  error cause;                 // of the crash, of the failed request: for the log, not for whoever asked
  std::string message;         // type of the message it crashed on; "" when it failed to start
  std::string trace;           // of that message
};

struct actor_system_options {
  std::size_t threads = 0;                    // workers; 0: one per core, at least two
  const banyan::clock* clock = nullptr;       // nullptr: the system's; a simulation passes its own
  random_source* random = nullptr;            // nullptr: the system's
  bool simulated = false;                     // CAF's deterministic scheduler, stepped by simulation/
  std::function<void(const actor_event&)> observer = {};  // called as it happens, by the actor itself: be quick and do not throw
  // Called before each message of each actor: for a simulation that tells what happens. It costs every message; do not throw.
  std::function<void(const actor_host&, const message&)> tracer = {};
};

struct actor_counters {
  std::uint64_t crashes = 0, restarts = 0, stopped = 0, refused_while_down = 0;
  std::uint64_t lost_while_down = 0;  // one-way messages beyond the stash's limit
  std::uint64_t failed_requests = 0;  // as told by request_failed
  std::uint64_t cancelled = 0;        // requests that were not begun, because their asker was gone
  std::uint64_t ended_tasks = 0;      // of requests that had begun, because their asker had given up
};

// A line of the live tree.
struct actor_listing {
  std::uint64_t id = 0;
  std::uint64_t parent = 0;                   // 0: a root
  std::string name;
  std::string phase;                          // "running", "restarting", "suspended" (with others, to be started again)
  std::uint32_t restarts = 0;
  std::string last_cause;                     // why it crashed last ...
  std::string last_message;                   // ... and on which message
  monotonic down_since = monotonic::max();    // max: it runs
  monotonic restarts_at = monotonic::max();   // max: at once, or nobody knows yet
};

class actor_system {
 public:
  explicit actor_system(actor_system_options options = {});
  ~actor_system();                            // shuts down; what has not ended in time is ended whatever it waits for
  actor_system(const actor_system&) = delete;
  actor_system& operator=(const actor_system&) = delete;

  address spawn(actor_factory make, spawn_options options = {});

  // From outside of actors (an edge thread, main, a test): one way, and a request answered on a thread of the system.
  template <class M>
  void send(const address& to, M message) {
    deliver(to, make_message<M>(std::move(message)));
  }
  template <class M>
  void ask(const address& to, M message, timespan limit, completion<typename M::reply> done) {
    ask_message(to, make_message<M>(std::move(message)), limit, [done = std::move(done)](result<message_ptr> answer) mutable {
      if (answer)
        done(detail::take_answer<typename M::reply>(*answer));
      else
        done(std::move(answer.error()));
    });
  }
  void ask_message(const address& to, message_ptr request, timespan limit, completion<message_ptr> answered);
  // ... and blocking, for tests and main. Not from an actor.
  template <class M>
  result<typename M::reply> ask_and_wait(const address& to, M message, timespan limit);

  // Stops the roots, last spawned first, each when its children have ended; at most `limit` for all. True when everything ended in time.
  // What is spawned afterwards is stopped at once.
  bool shutdown(timespan limit = std::chrono::seconds{10});

  instant now() const { return clock_->now(); }
  monotonic steady() const { return clock_->steady(); }
  random_source& random() { return random_ ? *random_ : system_random(); }
  const banyan::clock& clock() const { return *clock_; }

  actor_counters counters() const;
  std::vector<actor_listing> topology() const;

  // CAF's own system, for raw CAF actors and the simulation; include actor/native_system.hpp to use it.
  struct native;
  native& get_native() { return *native_; }

 private:
  friend class actor_host;
  void listed(const actor_listing& line);
  void forget(std::uint64_t ended, bool is_listed);
  void left_behind(const address& who);
  std::vector<address> those_left_behind();
  void observed(actor_event e, const address& above) const;

  const banyan::clock* clock_;
  random_source* random_;
  std::function<void(const actor_event&)> observer_;
  std::function<void(const actor_host&, const message&)> tracer_;
  mutable std::mutex mutex_;
  std::map<std::uint64_t, address> roots_;    // by id: in the order in which they were spawned
  std::map<std::uint64_t, address> late_;     // did not end when they were told to
  bool closing_ = false;
  std::map<std::uint64_t, actor_listing> listing_;  // by id, too
  std::atomic<std::uint64_t> crashes_{0}, restarts_{0}, stopped_{0}, refused_{0}, lost_{0}, failed_requests_{0},
      cancelled_{0}, ended_tasks_{0};
  address external_caller_;                           // asks on behalf of threads that are no actor
  std::unique_ptr<native> native_;
};

namespace detail {
result<message_ptr> wait_for_answer(actor_system& system, const address& to, message_ptr request, timespan limit);
}

template <class M>
result<typename M::reply> actor_system::ask_and_wait(const address& to, M message, timespan limit) {
  auto answer = detail::wait_for_answer(*this, to, make_message<M>(std::move(message)), limit);
  if (!answer) return std::move(answer.error());
  return detail::take_answer<typename M::reply>(*answer);
}

}  // namespace banyan
