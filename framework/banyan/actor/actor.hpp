// An actor: private state, one message at a time, restarted in place when it crashes.
//
// Derive from `actor` for the framework's own moving parts (supervisors, entities, projections); a service is written with
// plain structs and functions instead and needs none of this. State lives in the object; a crash destroys it and the factory
// makes a new one behind the same address, with the mailbox kept.
//
//   class counter : public actor {
//     behavior make_behavior() override { return behavior{}.on<bump>([this](const bump& b) { return n_ += b.by; }); }
//     int n_ = 0;
//   };
//   address a = system.spawn([] { return std::make_unique<counter>(); }, {.name = "counter"});
//
// Lifetime: `self()` is valid from `started()` on, not in the constructor. Never keep references to an actor's members elsewhere.
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
  std::string name = {};           // shown in the topology; empty: not listed (one of many)
  address supervisor = {};         // told of crashes and decides; nobody: restarts by itself under `restart`
  backoff_policy restart = {};
  std::size_t stash_limit = 1000;  // messages kept while it is down; more requests are answered `unavailable`, other messages are lost
  bool outlives_restart = false;   // a child: kept when its parent restarts (a supervisor's next incarnation takes it over)
};

// What a supervisor is told about its children, as ordinary messages, in the order in which it happened. `order` is the number of the last
// restart or suspend that the child has carried out: a report that crossed a newer order on its way, or that is an answer to an earlier
// incarnation of the supervisor, is known by it.
struct child_started {             // this incarnation is up: started() returned, or has_started() was called
  address child;
  std::uint64_t order = 0;
};
struct child_failed {              // it is down, with its mailbox: restart_actor() or stop_actor() it
  address child;
  error cause;
  std::string message;             // type of the message it crashed on; "" when it failed to start
  std::uint64_t order = 0;
};
struct child_suspended {              // the answer to suspend_actor(): its state is gone, its own children have ended
  address child;
  std::uint64_t order = 0;
};
struct child_stopped {
  address child;
  bool gone = false;               // false: it stopped itself and is down, like a failed one. True: it has ended for good
  exit_reason why = {};            // gone: shutdown
  std::uint64_t order = 0;
};

// What an actor is asked to do by whoever is above it.
enum class ending : std::uint8_t { suspend, stop };   // make room for a fresh incarnation; end for good

// The answer's side of a call: told once, unless cancelled before.
class call_table::waiter {
 public:
  virtual void complete(message_ptr answer) = 0;                          // a response or a failure
  virtual void expire(message_ptr failure) { complete(std::move(failure)); }  // no answer came in time

 protected:
  ~waiter() = default;
};

template <class T>
class answer_awaiter;
class sleep_awaiter;

namespace detail {

error unexpected_answer(const message_type& got, const message_type& wanted);

// `T` may be message_ptr itself: the answer as it came.
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

// What an actor may do: to it alone, on its own thread of control.
class actor_host {
 public:
  virtual address me() const = 0;  // nobody, when the actor ends because its last address is gone
  actor_system& system() const noexcept { return system_; }
  const std::string& name() const noexcept { return options().name; }

  // The message being handled: its remaining time and its context travel on with every ask and send.
  monotonic deadline() const noexcept { return deadline_; }
  const context_ptr& context() const noexcept { return context_; }
  void set_context(context_ptr c) { context_ = std::move(c); }

  instant now() const;
  monotonic steady() const;
  random_source& random();

  // One way, at most once.
  template <class M>
  void send(const address& to, M message) {
    post(to, make_message<M>(std::move(message)));
  }
  // Sends a message on (with the current context when it has none).
  void post(const address& to, message_ptr l);
  // Hands a message that this actor received to another one, which answers it in its place.
  void forward(const address& to, message_ptr l);

  // `co_await self().ask<withdraw>(account, 500ms, amount)`: sends withdraw{amount}, waits for its reply (withdraw::reply), an error, or
  // the end of `limit` or of the current message's deadline, whichever is first.
  // An argument is a variable, give(a_variable), or a value that is no aggregate with memory of its own (see task.hpp).
  template <class M, class... Args>
  answer_awaiter<typename M::reply> ask(const address& to, timespan limit, Args&&... args);
  template <class R>
  answer_awaiter<R> ask_message(const address& to, timespan limit, message_ptr request);

  // Waits for a port: `co_await self().wait_for<append_result>(2s, [&](auto done) { journal.append(r, std::move(done)); })`.
  template <class T, class Start>
  answer_awaiter<T> wait_for(timespan limit, Start&& start);

  sleep_awaiter sleep(timespan d);

  // A message to itself, later; forgotten when the actor crashes or stops before.
  template <class M>
  void after(timespan d, M message) {
    auto l = make_message<M>(std::move(message));
    l->kind = message_kind::timer;
    l->incarnation = incarnation_;
    if (auto at = until(d); at != monotonic::max()) set_timer(at, std::move(l));
  }

  // Runs a coroutine that belongs to no request.
  void run(task<void> t);
  // Runs `handle(message&)`, a task, for a request that this actor received as it is (on_message, otherwise); what it
  // returns is the answer: a value, a message_ptr, or a result of one of them.
  template <class F>
  void answer_by(message_ptr request, F handle);

  address spawn(actor_factory make, spawn_options options = {});  // a child: stopped when this actor crashes, and before it ends
  void stop_child(const address& child);                          // an ordered stop of one of them
  void abandon_child(const address& child);                       // the same, and its end is not waited for
  void stop(exit_reason why = {});                                // itself, after the current message; a supervisor may restart it

  // Tells the observer why a request is answered with an error, when its asker must not see the cause: text of an exception, SQL, paths.
  // Answer it with failed_request() or a sentence of your own.
  void report_failure(const message& request, const error& cause) const;

  // --- for actors that need time (supervisors)
  void started_later() noexcept { starts_later_ = true; }  // in started(): child_started waits for has_started()
  void has_started();
  void end();                                              // the end that asked_to_end() was told of, after the current message

  // --- for awaiters and the supervision room
  std::uint64_t call(const address& to, message_ptr request, call_table::waiter& w, monotonic limit);
  std::uint64_t expect(call_table::waiter& w, monotonic limit);
  void cancel(std::uint64_t call) noexcept;
  detail::running_task* current_task() const noexcept { return task_; }
  void has_seen(std::int64_t position) noexcept;  // what the current task answers, and asks next, includes this journal position
  void resume(detail::running_task& t, std::coroutine_handle<> h);
  void adopt(std::unique_ptr<detail::running_task> t);
  std::uint32_t incarnation() const noexcept { return incarnation_; }
  monotonic until(timespan limit) const;        // from now, never before it; monotonic::max() when that is beyond a century
  std::uint64_t id() const noexcept { return id_; }
  const address& parent() const noexcept {
    return parent_;
  }  // whose child it is: told when it has ended; nobody of a root

 protected:
  actor_host(actor_system& system, std::uint64_t id, actor_factory make, spawn_options options, address parent);
  virtual ~actor_host();

  void start();                  // makes the first incarnation
  void receive(message_ptr l);    // one message from the mailbox
  void cleanup();                // the actor has ended

  virtual void wake_at(monotonic at, std::uint64_t id) = 0;  // wake(id) then, instead of any earlier order
  virtual void sleep_on() = 0;                               // no more
  virtual void quit() = 0;

 private:
  enum class phase : std::uint8_t { running, down, ending, stopped };
  enum class goal : std::uint8_t { none, rest, suspend, stop };  // rest: stopped itself, and its supervisor decides
  void dispatch(message_ptr& l);
  void handle(message_ptr& l);
  void handle_control(message_ptr& l);
  void handle_stashed();
  void stash(message_ptr l);
  void turn_away(message& l);
  void is_down();
  void crash(error cause, std::string message);
  void fail_alone(message* request, const message_type* type, const context_ptr& context);  // in a catch block
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

  // What few actors need, or seldom, is allocated when it is first needed: an actor that is idle takes little memory
  // (tests/bench/bench_memory). They are in host_parts.hpp.
  struct timing;    // calls and timers
  struct downtime;  // a crash, and what waits for the restart
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
  std::unique_ptr<spawn_options> options_;  // null: the usual ones
  std::unique_ptr<actor> actor_;
  behavior behavior_;
  address parent_;
  std::unique_ptr<family> family_;
  std::unique_ptr<downtime> downtime_;
  std::uint32_t incarnation_ = 0, restarts_ = 0;
  phase phase_ = phase::down;
  goal asked_ = goal::none;                 // by others: the actor may take its time
  goal wish_ = goal::none;                  // carried out when the current message is done
  goal leaving_for_ = goal::none;           // carried out when the children have ended
  bool starts_later_ = false, has_started_ = false;
  bool isolates_ = false;                   // requests: as this incarnation says

  // Timers and calls.
  std::unique_ptr<timing> timing_;

  // Tasks, and the message being handled.
  detail::running_task* tasks_ = nullptr;   // of this incarnation
  detail::running_task* task_ = nullptr;    // being resumed right now
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
  virtual void started() {}    // before the first message of this incarnation; throwing counts as a crash
  virtual void stopping() {}   // before it leaves in order, not after a crash
  // Somebody ordered its end: finish what must be finished, then call self().end(). Until then it goes on handling messages.
  virtual void asked_to_end(ending) { self().end(); }
  // True: its requests share no state that an exception could leave half changed (workers, gateways). An exception then ends only the
  // request or the task that it left: a request is answered `internal`, the observer is told, the others go on, nothing is restarted.
  virtual bool isolates_requests() const { return false; }

 protected:
  actor_host& self() const noexcept { return *host_; }

 private:
  friend class actor_host;
  actor_host* host_ = nullptr;
};

// Orders for an actor, from its supervisor; ahead of everything else in its mailbox.
void restart_actor(const address& who, std::uint64_t order = 0);          // a crashed (or suspended) one runs again with fresh state
void tell_restart_at(const address& who, monotonic at);                   // for those it must turn away until then, and for the topology
void suspend_actor(const address& who, std::uint64_t order = 0);             // drops its state and keeps its mailbox until restarted
void stop_actor(const address& who, completion<done> stopped = {});       // at once: what is queued is answered `unavailable`; told when it has ended
void stop_actor_when_idle(const address& who);                            // after what is queued now

}  // namespace banyan

#include <banyan/actor/awaiters.hpp>
