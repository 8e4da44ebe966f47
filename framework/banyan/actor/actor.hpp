// An actor: private state, messages handled one at a time, restarted in place after a crash.
//
// Derive from `actor` for the framework's own parts (supervisors, entities, projections); services are written with
// plain structs and functions instead. The state is in the object: a crash destroys it and the factory makes a new
// one behind the same address, with the mailbox kept.
//
//   class counter : public actor {
//     behavior make_behavior() override { return behavior{}.on<bump>([this](const bump& b) { return n_ += b.by; }); }
//     int n_ = 0;
//   };
//   address a = system.spawn([] { return std::make_unique<counter>(); }, {.name = "counter"});
//
// Lifetime: `self()` is valid from `started()` on, not in the constructor. Never keep references to an actor's
// members elsewhere.
#pragma once

#include <banyan/actor/behavior.hpp>
#include <banyan/actor/call_table.hpp>
#include <banyan/core/backoff.hpp>
#include <banyan/core/completion.hpp>
#include <banyan/core/exit_reason.hpp>

#include <functional>
#include <memory>
#include <string>

namespace banyan {

class actor_system;
class child_list;
enum class actor_event_kind : std::uint8_t;
class actor;
using actor_factory = std::function<std::unique_ptr<actor>()>;

struct spawn_options {
  std::string name = {};           // shown in the topology; empty: not listed there
  address supervisor = {};         // is notified of crashes and decides; null: restarts itself under `restart`
  backoff_policy restart = {};
  std::size_t stash_limit = 1000;  // messages kept while down; beyond it requests get `unavailable`, others are lost
  bool outlives_restart = false;   // a child is kept when its parent restarts, for the parent's next incarnation
};

// Lifecycle reports from a child to its supervisor, as ordinary messages in the order of events. `order` is the
// number of the last restart or suspend order that the child has carried out: it lets the supervisor ignore reports
// that are older than its latest order, or meant for an earlier incarnation of the supervisor.
struct child_started {             // running: started() returned, or has_started() was called
  address child;
  std::uint64_t order = 0;
};
struct child_failed {              // crashed, mailbox kept: call restart_actor() or stop_actor()
  address child;
  error cause;
  std::string message;             // type of the message it crashed on; "" when it failed to start
  std::uint64_t order = 0;
};
struct child_suspended {              // answers suspend_actor(): state dropped, own children ended
  address child;
  std::uint64_t order = 0;
};
struct child_stopped {
  address child;
  bool gone = false;               // false: it stopped itself and can be restarted; true: it has ended
  exit_reason why = {};            // gone: shutdown
  std::uint64_t order = 0;
};

// The kind of end that the parent or supervisor asks for.
enum class ending : std::uint8_t { suspend, stop };   // before a new incarnation; final

// The caller's side of a call: exactly one of complete() and expire() is called, unless it is cancelled before.
class call_table::waiter {
 public:
  virtual void complete(message_ptr answer) = 0;                          // a response or a failure
  virtual void expire(message_ptr failure) { complete(std::move(failure)); }  // the deadline passed

 protected:
  ~waiter() = default;
};

template <class T>
class answer_awaiter;
class sleep_awaiter;

namespace detail {

error unexpected_answer(const message_type& got, const message_type& wanted);

// `T` may be message_ptr itself: the answer as it arrived.
template <class T>
result<T> take_answer(message_ptr& held) {
  auto& answer = *held;
  if (answer.kind == message_kind::failure) return std::move(answer.as<error>());
  if constexpr (std::is_same_v<T, message_ptr>) {
    return std::move(held);
  } else {
    if (answer.type != type_of<T>()) return unexpected_answer(*answer.type, *type_of<T>());
    return std::move(answer.as<T>());
  }
}

}  // namespace detail

// The interface of an actor to its surroundings, `self()`: sends, calls, timers, children. Used by the actor itself
// only, while it runs.
class actor_host {
 public:
  virtual address me() const = 0;  // null when the actor ends because its last address was dropped
  actor_system& system() const noexcept { return system_; }
  const std::string& name() const noexcept { return options().name; }

  // Deadline and context of the message being handled; inherited by every ask and send.
  monotonic deadline() const noexcept { return deadline_; }
  const context_ptr& context() const noexcept { return context_; }
  void set_context(context_ptr c) { context_ = std::move(c); }

  instant now() const;
  monotonic steady() const;
  random_source& random();

  // One way, delivered at most once.
  template <class M>
  void send(const address& to, M message) {
    post(to, make_message<M>(std::move(message)));
  }
  // Sends a prepared message, with the current context when it has none.
  void post(const address& to, message_ptr l);
  // Forwards a message that this actor received; the receiver answers the original sender.
  void forward(const address& to, message_ptr l);

  // `co_await self().ask<withdraw>(account, 500ms, amount)` sends withdraw{amount} and waits for withdraw::reply. It
  // ends with an error at `limit` or at the current message's deadline, whichever is first.
  // Arguments: a variable, give(a_variable), or a temporary that is not an aggregate owning memory (see task.hpp).
  template <class M, class... Args>
  answer_awaiter<typename M::reply> ask(const address& to, timespan limit, Args&&... args);
  template <class R>
  answer_awaiter<R> ask_message(const address& to, timespan limit, message_ptr request);

  // Awaits a port with a completion: `co_await self().wait_for<append_result>(2s, [&](auto done) { journal.append(r,
  // std::move(done)); })`.
  template <class T, class Start>
  answer_awaiter<T> wait_for(timespan limit, Start&& start);

  sleep_awaiter sleep(timespan d);

  // A timer: a message to itself after `d`; dropped when the actor crashes or stops before.
  template <class M>
  void after(timespan d, M message) {
    auto l = make_message<M>(std::move(message));
    l->kind = message_kind::timer;
    l->incarnation = incarnation_;
    if (auto at = until(d); at != monotonic::max()) set_timer(at, std::move(l));
  }

  // Runs a coroutine that belongs to no request.
  void run(task<void> t);
  // Answers a request received as a message_ptr (on_message, otherwise) by the task `handle(message&)`; it returns a
  // value, a message_ptr, or a result of one of them.
  template <class F>
  void answer_by(message_ptr request, F handle);

  // A child: stopped when this actor crashes and before it ends.
  address spawn(actor_factory make, spawn_options options = {});
  void stop_child(const address& child);          // asks a child to stop and waits for its end
  void abandon_child(const address& child);       // the same without waiting for its end
  void stop(exit_reason why = {});                // this actor, after the current message; a supervisor may restart it

  // Reports to the observer the cause of a failed request that must not reach the caller: exception text, SQL,
  // paths. Answer the request with failed_request() or with a sentence of your own.
  void report_failure(const message& request, const error& cause) const;

  // --- for actors with an asynchronous start or end (supervisors)

  // Call in started(): child_started is delayed until has_started().
  void started_later() noexcept { starts_later_ = true; }
  void has_started();
  void end();  // carries out the end that asked_to_end() announced, after this message

  // --- for awaiters and the supervision room
  std::uint64_t call(const address& to, message_ptr request, call_table::waiter& w, monotonic limit);
  std::uint64_t expect(call_table::waiter& w, monotonic limit);
  void cancel(std::uint64_t call) noexcept;
  detail::running_task* current_task() const noexcept { return task_; }
  // Stamps this journal position on the current task's answer and later calls.
  void has_seen(std::int64_t position) noexcept;
  void resume(detail::running_task& t, std::coroutine_handle<> h);
  void adopt(std::unique_ptr<detail::running_task> t);
  std::uint32_t incarnation() const noexcept { return incarnation_; }
  monotonic until(timespan limit) const;  // now plus `limit`, at least now; monotonic::max() when over a century away
  std::uint64_t id() const noexcept { return id_; }
  const address& parent() const noexcept {
    return parent_;
  }  // notified when this actor has ended; null for a root

 protected:
  actor_host(actor_system& system, std::uint64_t id, actor_factory make, spawn_options options, address parent);
  virtual ~actor_host();

  void start();                  // creates the first incarnation
  void receive(message_ptr l);    // one message from the mailbox
  void cleanup();                // called when the actor has ended

  virtual void wake_at(monotonic at, std::uint64_t id) = 0;  // calls wake(id) at `at`; replaces an earlier request
  virtual void sleep_on() = 0;                               // cancels wake_at
  virtual void quit() = 0;
  virtual void run_inline(bool may) = 0;                     // sets runs_inline() of the new incarnation

 private:
  enum class phase : std::uint8_t { running, down, ending, stopped };
  // Rest: stopped itself, its supervisor decides what follows.
  enum class goal : std::uint8_t { none, rest, suspend, stop };
  void dispatch(message_ptr& l);
  void handle(message_ptr& l);
  void handle_control(message_ptr& l);
  void handle_stashed();
  void stash(message_ptr l);
  void turn_away(message& l);
  void is_down();
  void crash(error cause, std::string message);
  void fail_alone(message* request, const message_type* type, const context_ptr& context);  // call in a catch block
  void drop_children();
  void drop_cancelled(message& l);
  void begin();
  void ask_to_end(goal g);
  void settle();
  void drop_incarnation(bool for_good);
  void stop_all(child_list& which);
  void forget_child(const address& child);
  void list(std::string_view what);
  void notify(actor_event_kind what, const error& cause = {}, const std::string& message = {}) const;
  void notify(actor_event_kind what, const error& cause, const std::string& message, const context_ptr& context) const;
  void set_timer(monotonic at, message_ptr l);
  void wake();
  void arm_next();
  void arm(monotonic at);
  void finish(detail::running_task& t);
  void unlink(detail::running_task& t);
  void end_task_of(const context_ptr& context);

  // Parts that few actors use are allocated at first use, so that an idle actor is small (tests/bench/bench_memory).
  // Defined in host_parts.hpp.
  struct timing;    // calls and timers
  struct downtime;  // crash data and messages waiting for the restart
  struct family;    // children
  timing& times();
  downtime& down();
  family& relatives();
  const spawn_options& options() const noexcept;
  std::uint64_t last_order() const noexcept;
  monotonic resumes_at() const noexcept;
  bool has_leaving_children() const noexcept;

  // Life cycle.
  actor_system& system_;
  std::uint64_t id_;
  actor_factory make_;
  std::unique_ptr<spawn_options> options_;  // null: the defaults
  std::unique_ptr<actor> actor_;
  behavior behavior_;
  address parent_;
  std::unique_ptr<family> family_;
  std::unique_ptr<downtime> downtime_;
  std::uint32_t incarnation_ = 0, restarts_ = 0;
  phase phase_ = phase::down;
  goal asked_ = goal::none;                 // requested by others; may take time
  goal wish_ = goal::none;                  // carried out after the current message
  goal leaving_for_ = goal::none;           // carried out after the children have ended
  bool starts_later_ = false, has_started_ = false;
  bool isolates_ = false;                   // isolates_requests() of this incarnation

  // Timers and calls.
  std::unique_ptr<timing> timing_;

  // Tasks, and the message being handled.
  detail::running_task* tasks_ = nullptr;   // of this incarnation
  detail::running_task* task_ = nullptr;    // the one that runs now
  monotonic deadline_ = monotonic::max();
  context_ptr context_;
};

class actor {
 public:
  actor() = default;
  actor(const actor&) = delete;
  actor& operator=(const actor&) = delete;
  virtual ~actor() = default;

  virtual behavior make_behavior() = 0;
  virtual void started() {}    // before the first message of an incarnation; an exception counts as a crash
  virtual void stopping() {}   // before an orderly end, not after a crash
  // An orderly end was requested: finish what must be finished, then call self().end(). Until then messages are
  // handled as before.
  virtual void asked_to_end(ending) { self().end(); }
  // True: requests share no state that an exception could leave inconsistent (workers, gateways). An exception then
  // fails only the request or task that threw: it is answered `internal`, the observer is notified, and nothing is
  // restarted.
  virtual bool isolates_requests() const { return false; }
  // True: every message is handled in well below a millisecond and without blocking, so that an I/O thread may run
  // this actor (actor_system::run_inline).
  virtual bool runs_inline() const { return false; }

 protected:
  actor_host& self() const noexcept { return *host_; }

 private:
  friend class actor_host;
  actor_host* host_ = nullptr;
};

// Orders from a supervisor to an actor; they overtake all queued messages.

// A crashed or suspended actor runs again with new state.
void restart_actor(const address& who, std::uint64_t order = 0);
// The planned restart, for `retry_after` of refused requests and the topology.
void tell_restart_at(const address& who, monotonic at);
void suspend_actor(const address& who, std::uint64_t order = 0);  // drops the state, keeps the mailbox until a restart
void stop_actor(const address& who, completion<done> stopped = {});       // at once: queued requests get `unavailable`
void stop_actor_when_idle(const address& who);                            // after the messages queued now

}  // namespace banyan

#include <banyan/actor/awaiters.hpp>
