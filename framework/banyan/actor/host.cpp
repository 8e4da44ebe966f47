#include <banyan/actor/actor.hpp>
#include <banyan/actor/control.hpp>
#include <banyan/actor/system.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace banyan {

namespace {

std::string describe(std::exception_ptr thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

letter_ptr failure_letter(error e) {
  auto l = make_letter<error>(std::move(e));
  l->what = letter::kind::failure;
  return l;
}

struct wake_up {};  // a deadline in the call table may have passed

void order(const address& who, control c) {
  auto l = make_letter<control>(std::move(c));
  l->what = letter::kind::control;
  auto what = l->as<control>().what;
  l->urgent = what != control::stop_when_idle && what != control::run;
  deliver(who, std::move(l));
}

}  // namespace

// --- letters ---------------------------------------------------------------------------------------------------------

void letter::answer(letter_ptr response) {
  if (what != kind::request) return;
  what = kind::answered;
  if (response->what != kind::failure) response->what = kind::response;
  response->call = call;
  response->position = std::max(response->position, position);
  deliver(std::exchange(sender, {}), std::move(response));
}

void letter::fail(error e) {
  if (what == kind::request) answer(failure_letter(std::move(e)));
}

void letter::bounce() noexcept {
  try {
    if (taken_up)
      fail({code::unavailable, "the actor stopped or crashed while it handled this request", outcome::unknown});
    else
      fail({code::unavailable, "the actor stopped before it took up this request", outcome::not_applied});
  } catch (...) {
    // Out of memory: the asker's deadline is what is left.
  }
}

error detail::unexpected_answer(const message_type& got, const message_type& wanted) {
  return {code::internal, "the answer is a " + std::string{got.name} + ", not a " + std::string{wanted.name}, outcome::applied};
}

void detail::run_task(actor_host& host, std::unique_ptr<running_task> t) { host.adopt(std::move(t)); }

// --- the host --------------------------------------------------------------------------------------------------------

actor_host::actor_host(actor_system& system, actor_factory make, spawn_options options, address parent)
    : system_{system},
      make_{std::move(make)},
      options_{std::move(options)},
      backoff_{options_.restart},
      calls_{system.steady()},
      parent_{std::move(parent)} {}

actor_host::~actor_host() = default;

instant actor_host::now() const { return system_.now(); }
monotonic actor_host::steady() const { return system_.steady(); }
random_source& actor_host::random() { return system_.random(); }

monotonic actor_host::until(timespan limit) const {
  constexpr nanoseconds century = std::chrono::hours{24 * 365 * 100};
  return limit.count() >= century ? monotonic::max() : steady() + limit.count();
}

void actor_host::start() {
  begin();
  if (wish_ != goal::none) stop_actor(me());  // it stopped itself in started(): to be done from the mailbox
}

void actor_host::begin() {
  ++incarnation_;
  leaving_for_ = goal::none;
  starts_later_ = false;
  try {
    actor_ = make_();
    if (!actor_) throw std::logic_error{"its factory made nothing"};
    actor_->host_ = this;
    behavior_ = actor_->make_behavior();
    phase_ = phase::running;
    actor_->started();
  } catch (...) {
    crash({code::unavailable, "could not start: " + describe(std::current_exception())}, {});
    return;
  }
  list("running");
  if (!starts_later_) has_started();
  handle_stashed();
}

void actor_host::has_started() {
  if (options_.supervisor) deliver(options_.supervisor, make_letter<child_started>(child_started{me()}));
}

void actor_host::handle_stashed() {
  while (!stash_.empty() && phase_ == phase::running && wish_ == goal::none) {
    auto l = std::move(stash_.front());
    stash_.pop_front();
    dispatch(l);
  }
}

void actor_host::receive(letter_ptr l) {
  deadline_ = monotonic::max();
  if (context_) context_.reset();
  dispatch(l);
  if (wish_ != goal::none || leaving_for_ != goal::none) settle();
}

void actor_host::dispatch(letter_ptr& l) {
  switch (l->what) {
    case letter::kind::control:
      handle_control(l);
      break;
    case letter::kind::timer:
      if (l->incarnation != incarnation_ || phase_ != phase::running) break;
      if (l->type != type_of<wake_up>())
        handle(l);
      else if (l->call == armed_as_)
        expire_calls();
      break;
    case letter::kind::response:
    case letter::kind::failure:
      if (auto* w = calls_.take(l->call)) {
        try {
          w->complete(std::move(l));
        } catch (...) {
          crash({code::internal, describe(std::current_exception()), outcome::unknown}, "an answer");
        }
      }
      break;
    default:
      if (phase_ == phase::running) {
        handle(l);
      } else if (phase_ == phase::down) {
        if (stash_.size() < options_.stash_limit) {
          stash_.push_back(std::move(l));
        } else {
          system_.refused_.fetch_add(1, std::memory_order_relaxed);
          l->fail(error{code::unavailable, "restarting"}.because("restarting").after(std::chrono::milliseconds{100}));
        }
      }
  }
}

void actor_host::handle(letter_ptr& l) {
  if (l->deadline != monotonic::max() && l->what == letter::kind::request && steady() >= l->deadline) {
    l->fail({code::deadline_exceeded, "the deadline had passed before work began"});
    return;
  }
  auto* h = behavior_.find(l->type);
  if (!h) {
    l->fail({code::unimplemented, "no handler for " + std::string{l->type->name} + " here"});
    return;
  }
  deadline_ = l->deadline;
  context_ = l->context;
  l->taken_up = true;
  const auto* type = l->type;
  try {
    h->invoke(*this, l);
  } catch (...) {
    error cause{code::internal, describe(std::current_exception()), outcome::unknown};
    if (l) l->fail(cause);
    crash(std::move(cause), std::string{type->name});
  }
}

void actor_host::handle_control(letter_ptr& l) {
  auto& order = l->as<control>();
  switch (order.what) {
    case control::restart:
      if (phase_ == phase::down && (order.incarnation == 0 || order.incarnation == incarnation_)) {
        ++restarts_;
        system_.restarts_.fetch_add(1, std::memory_order_relaxed);
        begin();
        if (phase_ == phase::running) tell(actor_event_kind::restarted);
      }
      break;
    case control::halt:
      ask_to_end(goal::halt);
      break;
    case control::stop_when_idle:
      if (phase_ == phase::down) {
        stash_.push_back(std::move(l));  // what is queued waits there
        break;
      }
      [[fallthrough]];
    case control::stop:
      if (order.stopped) stop_waiters_.push_back(std::move(order.stopped));
      ask_to_end(goal::stop);
      break;
    case control::run:
      if (phase_ == phase::down) {
        stash_.push_back(std::move(l));
      } else if (phase_ == phase::running) {
        try {
          order.work(*this);
        } catch (...) {
          crash({code::internal, describe(std::current_exception()), outcome::unknown}, "posted work");
        }
      }
      break;
    case control::child_ended:
      children_.erase(order.child);
      kept_children_.erase(order.child);
      leaving_.erase(order.child);
      break;
  }
}

void actor_host::crash(error cause, std::string message) {
  phase_ = phase::down;
  system_.crashes_.fetch_add(1, std::memory_order_relaxed);
  last_cause_ = to_string(cause) + (message.empty() ? "" : " (on " + message + ")");
  list("restarting");
  tell(actor_event_kind::crashed, cause, message);
  drop_incarnation(false);
  if (asked_ != goal::none) {
    wish_ = asked_;  // it was leaving: no farewell then
  } else if (options_.supervisor) {
    wish_ = goal::none;
    deliver(options_.supervisor, make_letter<child_failed>(child_failed{me(), std::move(cause), std::move(message)}));
  } else if (wish_ == goal::none) {
    auto wait = backoff_.next(steady(), random());
    auto l = make_letter<control>(control{control::restart, incarnation_});
    l->what = letter::kind::control;
    l->urgent = true;
    if (wait.count() == 0)
      deliver(me(), std::move(l));
    else
      schedule(steady() + wait, std::move(l));
  }
}

// Order matters: coroutines refer to the actor's members, handlers too.
void actor_host::drop_incarnation(bool for_good) {
  while (tasks_) {
    auto* t = tasks_;
    tasks_ = t->next;
    if (tasks_) tasks_->previous = nullptr;
    delete t;
  }
  behavior_ = {};
  actor_.reset();
  calls_.clear();
  armed_ = monotonic::max();
  stop_children(children_);
  if (for_good) stop_children(kept_children_);
  deadline_ = monotonic::max();
  context_.reset();
}

void actor_host::stop_children(std::unordered_set<address>& which) {
  for (auto& child : which) stop_actor(child);
  leaving_.merge(which);
  which.clear();
}

void actor_host::stop_child(const address& child) {
  if (children_.erase(child) + kept_children_.erase(child) == 0) return;
  leaving_.insert(child);
  stop_actor(child);
}

void actor_host::abandon_child(const address& child) {
  children_.erase(child);
  kept_children_.erase(child);
  leaving_.erase(child);
  stop_actor(child);
}

// --- its end ---------------------------------------------------------------------------------------------------------

void actor_host::ask_to_end(goal g) {
  if (phase_ == phase::ending || phase_ == phase::stopped || asked_ == goal::stop) return;
  asked_ = g;
  if (phase_ == phase::down) {
    wish_ = g;
    return;
  }
  try {
    actor_->asked_to_end(g == goal::halt ? ending::halt : ending::stop);
  } catch (...) {
    wish_ = g;  // the crash of a farewell has nobody to tell
  }
}

void actor_host::end() { wish_ = asked_ == goal::none ? goal::stop : asked_; }

void actor_host::stop(exit_reason why) {
  why_ = std::move(why);
  if (asked_ != goal::none)
    wish_ = asked_;
  else
    wish_ = options_.supervisor ? goal::rest : goal::stop;
}

// Between two messages: carries out what was wished for, children first.
void actor_host::settle() {
  if (auto wish = std::exchange(wish_, goal::none); wish != goal::none && phase_ != phase::ending && phase_ != phase::stopped) {
    asked_ = goal::none;
    leaving_for_ = wish;
    if (phase_ == phase::running) {
      try {
        actor_->stopping();
      } catch (...) {
        // It leaves either way; the crash of a farewell has nobody to tell.
      }
    }
    phase_ = wish == goal::stop ? phase::ending : phase::down;
    ++incarnation_;  // a restart that was on its way is void
    drop_incarnation(wish == goal::stop);
    if (wish == goal::stop) stash_.clear();
  }
  if (!leaving_.empty()) return;
  switch (std::exchange(leaving_for_, goal::none)) {
    case goal::none:
      break;
    case goal::rest:
      deliver(options_.supervisor, make_letter<child_stopped>(child_stopped{me(), false, std::move(why_)}));
      break;
    case goal::halt:
      if (options_.supervisor) deliver(options_.supervisor, make_letter<child_halted>(child_halted{me()}));
      break;
    case goal::stop:
      phase_ = phase::stopped;
      quit();
      break;
  }
}

// Also when CAF ends the actor on its own account.
void actor_host::cleanup() {
  phase_ = phase::stopped;
  drop_incarnation(true);
  stash_.clear();
  system_.stopped_.fetch_add(1, std::memory_order_relaxed);
  system_.forget(me(), !options_.name.empty());
  if (options_.supervisor) deliver(options_.supervisor, make_letter<child_stopped>(child_stopped{me(), true, exit_reason::shutdown}));
  if (parent_) {
    control ended{control::child_ended};
    ended.child = me();
    order(parent_, std::move(ended));
  }
  for (auto& w : stop_waiters_) w(done{});
  stop_waiters_.clear();
  // What an actor and its parent know of each other would keep both in memory for ever.
  make_ = nullptr;
  options_.supervisor = {};
  parent_ = {};
}

void actor_host::list(std::string_view what) {
  if (options_.name.empty()) return;
  auto above = options_.supervisor ? options_.supervisor.id() : parent_.id();
  system_.listed({me().id(), above, options_.name, std::string{what}, restarts_, last_cause_});
}

void actor_host::tell(actor_event_kind what, const error& cause, const std::string& message) const {
  system_.observed({what, options_.name, me().id(), restarts_, cause, message, context_ ? context_->trace : std::string{}},
                   options_.supervisor ? options_.supervisor : parent_);
}

// --- calls -----------------------------------------------------------------------------------------------------------

void actor_host::post(const address& to, letter_ptr l) {
  if (!l->context) l->context = context_;
  deliver(to, std::move(l));
}

void actor_host::forward(const address& to, letter_ptr l) {
  l->taken_up = false;
  deliver(to, std::move(l));
}

std::uint64_t actor_host::call(const address& to, letter_ptr request, call_table::waiter& w, monotonic limit) {
  limit = std::min(limit, deadline_);
  auto id = expect(w, limit);
  request->what = letter::kind::request;
  request->call = id;
  request->deadline = limit;
  request->sender = me();
  if (!request->context) request->context = context_;
  if (task_) request->position = std::max(request->position, task_->position);
  deliver(to, std::move(request));
  return id;
}

std::uint64_t actor_host::expect(call_table::waiter& w, monotonic limit) {
  auto id = calls_.add(w, limit);
  if (limit != monotonic::max() && limit + call_table::resolution < armed_) arm(limit);
  return id;
}

void actor_host::arm(monotonic at) {
  armed_ = at + call_table::resolution;
  auto l = make_letter<wake_up>();
  l->what = letter::kind::timer;
  l->incarnation = incarnation_;
  l->call = ++armed_as_;  // an earlier wake-up that is still on its way is void, or they would multiply
  schedule(armed_, std::move(l));
}

void actor_host::expire_calls() {
  armed_ = monotonic::max();
  while (phase_ == phase::running) {
    auto* w = calls_.take_expired(steady());
    if (!w) break;
    try {
      w->complete(failure_letter({code::deadline_exceeded, "no answer in time", outcome::unknown}));
    } catch (...) {
      crash({code::internal, describe(std::current_exception()), outcome::unknown}, "an expired call");
      return;
    }
  }
  if (auto next = calls_.next_expiry(); next < armed_) arm(next);
}

// --- coroutines ------------------------------------------------------------------------------------------------------

void actor_host::adopt(std::unique_ptr<detail::running_task> owned) {
  auto* t = owned.release();
  t->next = tasks_;
  if (tasks_) tasks_->previous = t;
  tasks_ = t;
  auto* outer = std::exchange(task_, t);
  t->start();
  task_ = outer;
  finish(*t);
}

void actor_host::run(task<void> t) {
  auto root = std::make_unique<detail::task_root<void>>(letter_ptr{});
  root->task_.emplace(std::move(t));
  // It belongs to no request, so it inherits none's deadline: the same before its first wait as after it.
  auto deadline = std::exchange(deadline_, monotonic::max());
  auto context = std::exchange(context_, nullptr);
  adopt(std::move(root));
  deadline_ = deadline;
  context_ = std::move(context);
}

void actor_host::resume(detail::running_task& t, std::coroutine_handle<> h) {
  auto* outer = std::exchange(task_, &t);
  if (t.request()) {
    deadline_ = t.request()->deadline;
    context_ = t.request()->context;
  } else {
    deadline_ = monotonic::max();
    context_.reset();
  }
  h.resume();
  task_ = outer;
  finish(t);
}

void actor_host::has_seen(std::int64_t position) noexcept {
  if (task_ && position > task_->position) task_->position = position;
}

void actor_host::finish(detail::running_task& t) {
  if (!t.is_done()) return;
  if (t.previous)
    t.previous->next = t.next;
  else
    tasks_ = t.next;
  if (t.next) t.next->previous = t.previous;
  std::unique_ptr<detail::running_task> owned{&t};
  if (t.request()) t.request()->position = std::max(t.request()->position, t.position);
  try {
    t.finish();
  } catch (...) {
    if (t.request()) t.request()->fail({code::internal, describe(std::current_exception()), outcome::unknown});
    throw;
  }
}

// --- orders ----------------------------------------------------------------------------------------------------------

void restart_actor(const address& who) { order(who, {control::restart}); }
void halt_actor(const address& who) { order(who, {control::halt}); }
void stop_actor(const address& who, completion<done> stopped) {
  control c{control::stop};
  c.stopped = std::move(stopped);
  order(who, std::move(c));
}
void stop_actor_when_idle(const address& who) { order(who, {control::stop_when_idle}); }
void post_work(const address& who, std::function<void(actor_host&)> work) {
  control c{control::run};
  c.work = std::move(work);
  order(who, std::move(c));
}

}  // namespace banyan
