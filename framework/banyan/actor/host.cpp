#include <banyan/actor/actor.hpp>
#include <banyan/actor/control.hpp>
#include <banyan/actor/host_parts.hpp>
#include <banyan/actor/system.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace banyan {

namespace {

const spawn_options& usual_options() {
  static const spawn_options usual;
  return usual;
}

std::unique_ptr<spawn_options> unless_usual(spawn_options o) {
  const auto& usual = usual_options();
  if (o.name.empty() && !o.supervisor && o.restart == usual.restart && o.stash_limit == usual.stash_limit) return {};
  return std::make_unique<spawn_options>(std::move(o));
}

}  // namespace

actor_host::actor_host(actor_system& system, std::uint64_t id, actor_factory make, spawn_options options, address parent)
    : system_{system},
      id_{id},
      make_{std::move(make)},
      options_{unless_usual(std::move(options))},
      parent_{std::move(parent)} {}

actor_host::~actor_host() = default;

const spawn_options& actor_host::options() const noexcept { return options_ ? *options_ : usual_options(); }

actor_host::downtime& actor_host::down() {
  if (!downtime_) downtime_ = std::make_unique<downtime>(options().restart);
  return *downtime_;
}

std::uint64_t actor_host::last_order() const noexcept { return downtime_ ? downtime_->order : 0; }
monotonic actor_host::resumes_at() const noexcept { return downtime_ ? downtime_->resumes_at : monotonic::max(); }

instant actor_host::now() const { return system_.now(); }
monotonic actor_host::steady() const { return system_.steady(); }
random_source& actor_host::random() { return system_.random(); }

monotonic actor_host::until(timespan limit) const {
  constexpr timespan century = std::chrono::hours{24 * 365 * 100};
  return limit >= century ? monotonic::max() : add_saturating(steady(), std::max(limit, timespan{}));
}

void actor_host::start() {
  begin();
  if (wish_ != goal::none) stop_actor(me());  // it stopped itself in started(): carried out from the mailbox
}

void actor_host::begin() {
  ++incarnation_;
  leaving_for_ = goal::none;
  starts_later_ = has_started_ = false;
  try {
    actor_ = make_();
    if (!actor_) throw std::logic_error{"its factory made nothing"};
    actor_->host_ = this;
    isolates_ = actor_->isolates_requests();
    run_inline(actor_->runs_inline());
    behavior_ = actor_->make_behavior();
    phase_ = phase::running;
    actor_->started();
  } catch (...) {
    crash({code::unavailable, "could not start: " + detail::what_was_thrown()}, {});
    return;
  }
  if (downtime_) downtime_->since = downtime_->resumes_at = monotonic::max();
  list("running");
  if (!starts_later_) has_started();
  handle_stashed();
}

void actor_host::has_started() {
  has_started_ = true;
  if (const auto& above = options().supervisor)
    deliver(above, make_message<child_started>(child_started{me(), last_order()}));
}

void actor_host::handle_stashed() {
  if (!downtime_) return;
  auto& stash = downtime_->stash;
  while (!stash.empty() && phase_ == phase::running && wish_ == goal::none) {
    auto l = std::move(stash.front());
    stash.pop_front();
    dispatch(l);
  }
}

void actor_host::receive(message_ptr l) {
  deadline_ = monotonic::max();
  if (context_) context_.reset();
  if (system_.tracer_) [[unlikely]] system_.tracer_(*this, *l);
  dispatch(l);
  if (wish_ != goal::none || leaving_for_ != goal::none) settle();
}

void actor_host::dispatch(message_ptr& l) {
  switch (l->kind) {
    case message_kind::control:
      handle_control(l);
      break;
    case message_kind::timer:
      if (l->type == type_of<wake_up>()) {
        if (timing_ && l->call == timing_->armed_as) wake();
      } else if (l->incarnation == incarnation_ && phase_ == phase::running) {
        handle(l);
      }
      break;
    case message_kind::response:
    case message_kind::failure:
      if (auto* w = timing_ ? timing_->calls.take(l->call) : nullptr) {
        try {
          w->complete(std::move(l));
        } catch (...) {
          crash({code::internal, detail::what_was_thrown(), outcome::unknown}, "an answer");
        }
      }
      break;
    default:
      if (phase_ == phase::running) {
        handle(l);
      } else if (phase_ == phase::down) {
        stash(std::move(l));
      }
  }
}

void actor_host::handle(message_ptr& l) {
  if (l->deadline != monotonic::max() && l->kind == message_kind::request && steady() >= l->deadline) {
    l->fail({code::deadline_exceeded, "the deadline had passed before work began"});
    return;
  }
  if (l->kind == message_kind::request && l->context && is_given_up(*l->context)) {
    drop_cancelled(*l);
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
    if (isolates_) return fail_alone(l ? &*l : nullptr, type, context_);
    error cause{code::internal, detail::what_was_thrown(), outcome::unknown};
    if (l) l->fail(failed_request(context_));
    crash(std::move(cause), std::string{type->name});
  }
}

// Fails one request or task; the actor goes on. If memory runs out here too, the message answers when it is
// destroyed.
void actor_host::fail_alone(message* request, const message_type* type, const context_ptr& context) {
  system_.failed_requests_.fetch_add(1, std::memory_order_relaxed);
  try {
    const error cause{code::internal, detail::what_was_thrown(), outcome::unknown};
    if (request) request->fail(failed_request(context));
    notify(actor_event_kind::request_failed, cause, type ? std::string{type->name} : "a task", context);
  } catch (...) {
  }
}

void actor_host::report_failure(const message& request, const error& cause) const {
  system_.failed_requests_.fetch_add(1, std::memory_order_relaxed);
  notify(actor_event_kind::request_failed, cause, std::string{request.type->name}, request.context);
}

void actor_host::drop_cancelled(message& l) {
  system_.cancelled_.fetch_add(1, std::memory_order_relaxed);
  l.fail({code::unavailable, "its asker was gone before work began"});
}

void actor_host::handle_control(message_ptr& l) {
  auto& order = l->as<control>();
  if (order.number) down().order = order.number;
  switch (order.kind) {
    case control::restart:
      // Restarted already: reports it again.
      if (phase_ == phase::running && order.number && has_started_) has_started();
      if (phase_ == phase::down && (order.incarnation == 0 || order.incarnation == incarnation_)) {
        ++restarts_;
        system_.restarts_.fetch_add(1, std::memory_order_relaxed);
        begin();
        if (phase_ == phase::running) notify(actor_event_kind::restarted);
      }
      break;
    case control::suspend:
      ask_to_end(goal::suspend);
      break;
    case control::kill:
      drop_children();
      asked_ = goal::none;
      wish_ = leaving_for_ = goal::stop;
      break;
    case control::stop_when_idle:
      if (phase_ == phase::down) {
        down().stash.push_back(std::move(l));  // queued messages wait there
        break;
      }
      [[fallthrough]];
    case control::stop:
      if (order.stopped) relatives().stop_waiters.push_back(std::move(order.stopped));
      if (order.left_behind) system_.left_behind(me());
      ask_to_end(goal::stop);
      break;
    case control::run:
      if (phase_ == phase::down) {
        down().stash.push_back(std::move(l));
      } else if (phase_ == phase::running) {
        try {
          order.work(*this);
        } catch (...) {
          crash({code::internal, detail::what_was_thrown(), outcome::unknown}, "posted work");
        }
      }
      break;
    case control::restart_at:
      if (phase_ != phase::down) break;
      down().resumes_at = order.at;
      list("restarting");
      break;
    case control::give_up:
      end_task_of(order.context);
      break;
    case control::child_ended:
      forget_child(order.child);
      break;
  }
}

void actor_host::crash(error cause, std::string message) {
  phase_ = phase::down;
  system_.crashes_.fetch_add(1, std::memory_order_relaxed);
  down().last_cause = to_string(cause);
  down().last_message = message;
  is_down();
  list("restarting");
  notify(actor_event_kind::crashed, cause, message);
  drop_incarnation(false);
  if (asked_ != goal::none) {
    wish_ = asked_;  // it was ending already: stopping() is not called
  } else if (options().supervisor) {
    wish_ = goal::none;
    child_failed failed{me(), std::move(cause), std::move(message), last_order()};
    deliver(options().supervisor, make_message<child_failed>(std::move(failed)));
  } else if (wish_ == goal::none) {
    auto wait = down().wait.next(steady(), random());
    if (wait.count() > 0) {
      const auto at = down().resumes_at = until(wait);
      list("restarting");
      if (at < times().armed) arm(at);
    } else {
      order(me(), {.kind = control::restart, .incarnation = incarnation_});
    }
  }
}

// The order matters: coroutines and handlers refer to the actor's members.
void actor_host::drop_incarnation(bool for_good) {
  while (tasks_) {
    auto* t = tasks_;
    tasks_ = t->next;
    if (tasks_) tasks_->previous = nullptr;
    delete t;
  }
  behavior_ = {};
  actor_.reset();
  if (timing_) {
    timing_->calls.clear();
    timing_->timers.clear();
  }
  if (family_) {
    stop_all(family_->children);
    if (for_good) stop_all(family_->kept_children);
  }
  deadline_ = monotonic::max();
  context_.reset();
}

void actor_host::list(std::string_view what) {
  if (name().empty()) return;
  auto above = options().supervisor ? options().supervisor.id() : parent_.id();
  actor_listing line{id_, above, name(), std::string{what}, restarts_, {}, {}};
  if (const auto* d = downtime_.get()) {
    line.last_cause = d->last_cause;
    line.last_message = d->last_message;
    line.down_since = d->since;
    line.restarts_at = d->resumes_at;
  }
  system_.listed(line);
}

void actor_host::notify(actor_event_kind what, const error& cause, const std::string& message) const { notify(what, cause, message, context_); }

void actor_host::notify(actor_event_kind what, const error& cause, const std::string& message, const context_ptr& context) const {
  if (!system_.observer_) return;
  system_.observed({what, name(), id_, restarts_, cause, message, context ? context->trace : std::string{}},
                   options().supervisor ? options().supervisor : parent_);
}

}  // namespace banyan
