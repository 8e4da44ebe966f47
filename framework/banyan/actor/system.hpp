// The actor system of one process (or simulated node): threads, clock, random source, and the root actors, which are
// stopped when it is destroyed.
#pragma once

#include <banyan/actor/actor.hpp>
#include <banyan/observability/tracer.hpp>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace banyan {

// An unexpected lifecycle event of an actor.
enum class actor_event_kind : std::uint8_t {
  crashed,
  restarted,
  overflowed,  // its stash is full while it is down; reported once per downtime
  request_failed,  // an exception failed one request of an actor that isolates them; or report_failure()
};
struct actor_event {
  actor_event_kind kind = actor_event_kind::crashed;
  std::string name;  // "shard.order.3"; unnamed actors: the parent's name and "/..."
  std::uint64_t id = 0;
  std::uint32_t restarts = 0;  // restarts so far
  error cause;                 // of the crash or failed request; for the log, not for callers
  std::string message;         // type of the message it crashed on; "" when it failed to start
  std::string trace;           // of that message
};

struct actor_system_options {
  std::size_t threads = 0;                    // workers; 0: one per core, at least two
  const banyan::clock* clock = nullptr;       // nullptr: the operating system's
  random_source* random = nullptr;            // nullptr: the operating system's
  bool simulated = false;                     // CAF's deterministic scheduler, stepped by simulation/
  std::function<void(const actor_event&)> observer = {};  // called on the actor's thread: be quick, do not throw
  // Called before every message of every actor, for tracing in a simulation: a cost per message. Must not throw.
  std::function<void(const actor_host&, const message&)> tracer = {};
};

struct actor_counters {
  std::uint64_t crashes = 0, restarts = 0, stopped = 0, refused_while_down = 0;
  std::uint64_t lost_while_down = 0;  // one-way messages beyond stash_limit
  std::uint64_t failed_requests = 0;  // events request_failed
  std::uint64_t cancelled = 0;        // requests not begun, because their caller was gone
  std::uint64_t ended_tasks = 0;      // begun requests whose caller had given up
};

// One row of the live actor tree.
struct actor_listing {
  std::uint64_t id = 0;
  std::uint64_t parent = 0;                   // 0: a root
  std::string name;
  std::string phase;  // "running", "restarting", "suspended" (will be restarted with its siblings)
  std::uint32_t restarts = 0;
  std::string last_cause;                     // cause of the last crash ...
  std::string last_message;                   // ... and type of the message it handled
  monotonic down_since = monotonic::max();    // max: not down
  monotonic restarts_at = monotonic::max();   // max: at once, or not known yet
};

class actor_system {
 public:
  explicit actor_system(actor_system_options options = {});
  ~actor_system();                            // shuts down; kills what has not ended in time
  actor_system(const actor_system&) = delete;
  actor_system& operator=(const actor_system&) = delete;

  address spawn(actor_factory make, spawn_options options = {});

  // From a thread that is no actor (edge, main, test): a one-way send; a request whose answer arrives on a thread of
  // the system.
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
  // A blocking request, for tests and main. Not from an actor.
  template <class M>
  result<typename M::reply> ask_and_wait(const address& to, M message, timespan limit);

  // For I/O threads: calls `act`, and then runs on this thread the actors that permit it (actor::runs_inline) and to
  // which `act`, or another of them, has sent a message. A request that involves only such actors is thus answered
  // without a change of threads. Returns after at most 100 turns of actors; the rest, and all other actors, run on the
  // system's workers. Everything runs on the workers in a simulation, and when 16 other threads have
  // called this before. Rethrows an exception of `act`, after running the actors. Called from an actor, it only calls
  // `act`.
  void run_inline(const std::function<void()>& act);

  // Stops the roots, last spawned first, each after its children; `limit` bounds the whole. True when all ended in
  // time. Actors spawned afterwards are stopped at once.
  bool shutdown(timespan limit = std::chrono::seconds{10});

  instant now() const { return clock_->now(); }
  monotonic steady() const { return clock_->steady(); }
  random_source& random() { return random_ ? *random_ : system_random(); }
  const banyan::clock& clock() const { return *clock_; }
  // The spans of this system: none, until somebody records them.
  banyan::tracer& tracer() { return spans_; }

  actor_counters counters() const;
  std::vector<actor_listing> topology() const;

  // CAF's actor system, for raw CAF actors and the simulation; include actor/native_system.hpp.
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
  banyan::tracer spans_;
  mutable std::mutex mutex_;
  std::map<std::uint64_t, address> roots_;    // by id, which is the order of spawning
  std::map<std::uint64_t, address> late_;     // did not end in time
  bool closing_ = false;
  std::map<std::uint64_t, actor_listing> listing_;  // by id
  std::atomic<std::uint64_t> crashes_{0}, restarts_{0}, stopped_{0}, refused_{0}, lost_{0}, failed_requests_{0},
      cancelled_{0}, ended_tasks_{0};
  address external_caller_;                           // sends requests for threads that are no actor
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
