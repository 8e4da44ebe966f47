// What an actor waits for: answers, ports, timers; and its coroutines.
#include <banyan/actor/control.hpp>
#include <banyan/actor/host_parts.hpp>
#include <banyan/actor/system.hpp>

#include <algorithm>
#include <utility>

namespace banyan {

void actor_host::post(const address& to, message_ptr m) {
  if (!m->context) m->context = context_;
  deliver(to, std::move(m));
}

void actor_host::forward(const address& to, message_ptr m) {
  m->taken_up = false;
  deliver(to, std::move(m));
}

actor_host::timing& actor_host::times() {
  if (!timing_) timing_ = std::make_unique<timing>(steady());
  return *timing_;
}

std::uint64_t actor_host::call(const address& to, message_ptr request, call_table::waiter& w, monotonic limit) {
  limit = std::min(limit, deadline_);
  auto id = expect(w, limit);
  request->kind = message_kind::request;
  request->call = id;
  request->deadline = limit;
  request->sender = me();
  if (!request->context) request->context = context_;
  if (task_) request->position = std::max(request->position, task_->position);
  deliver(to, std::move(request));
  return id;
}

std::uint64_t actor_host::expect(call_table::waiter& w, monotonic limit) {
  auto id = times().calls.add(w, limit);
  if (const auto at = add_saturating(limit, call_table::resolution); at < timing_->armed) arm(at);
  return id;
}

void actor_host::cancel(std::uint64_t call) noexcept {
  if (timing_) timing_->calls.take(call);
}

void actor_host::set_timer(monotonic at, message_ptr m) {
  times().timers.emplace(at, std::move(m));
  if (at < timing_->armed) arm(at);
}

void actor_host::arm(monotonic at) {
  times().armed = at;
  wake_at(at, ++timing_->armed_as);  // invalidates earlier wake-ups that are on their way
}

void actor_host::wake() {
  auto& t = times();
  t.armed = monotonic::max();
  while (phase_ == phase::running) {
    auto* w = t.calls.take_expired(steady());
    if (!w) break;
    try {
      w->expire(detail::failure_message({code::deadline_exceeded, "no answer in time", outcome::unknown}));
    } catch (...) {
      crash({code::internal, detail::what_was_thrown(), outcome::unknown}, "an expired call");
      return;
    }
  }
  while (!t.timers.empty() && t.timers.begin()->first <= steady()) {
    deliver(me(), std::move(t.timers.begin()->second));
    t.timers.erase(t.timers.begin());
  }
  if (!options().supervisor && resumes_at() <= steady()) {
    down().resumes_at = monotonic::max();
    order(me(), {.kind = control::restart, .incarnation = incarnation_});
  }
  arm_next();
}

void actor_host::arm_next() {
  const auto& t = times();
  auto next = add_saturating(t.calls.next_expiry(), call_table::resolution);
  if (!t.timers.empty()) next = std::min(next, t.timers.begin()->first);
  if (!options().supervisor) next = std::min(next, resumes_at());
  if (next < t.armed) arm(next);
}

error detail::unexpected_answer(const message_type& got, const message_type& wanted) {
  return {code::internal, "the answer is a " + std::string{got.name} + ", not a " + std::string{wanted.name}, outcome::applied};
}

void detail::run_task(actor_host& host, std::unique_ptr<running_task> t) { host.adopt(std::move(t)); }

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
  auto root = std::make_unique<detail::task_root<void>>(message_ptr{});
  root->task_.emplace(std::move(t));
  // It belongs to no request, so it inherits no deadline, neither before nor after its first wait.
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

// Linear in the tasks of this actor: there are few, and most calls are answered.
void actor_host::end_task_of(const context_ptr& context) {
  for (auto* t = tasks_; t; t = t->next) {
    if (!t->request() || t->request()->context != context) continue;
    unlink(*t);
    const std::unique_ptr<detail::running_task> owned{t};
    system_.ended_tasks_.fetch_add(1, std::memory_order_relaxed);
    t->request()->fail({code::unavailable, "its asker has given up", outcome::unknown});
    return;
  }
}

void actor_host::unlink(detail::running_task& t) {
  if (t.previous)
    t.previous->next = t.next;
  else
    tasks_ = t.next;
  if (t.next) t.next->previous = t.previous;
}

void actor_host::has_seen(std::int64_t position) noexcept {
  if (task_ && position > task_->position) task_->position = position;
}

void actor_host::finish(detail::running_task& t) {
  if (!t.is_done()) return;
  unlink(t);
  std::unique_ptr<detail::running_task> owned{&t};
  if (t.request()) t.request()->position = std::max(t.request()->position, t.position);
  try {
    t.finish();
  } catch (...) {
    auto* request = t.request() ? &*t.request() : nullptr;
    if (isolates_) return fail_alone(request, request ? request->type : nullptr, request ? request->context : context_);
    if (request) request->fail(failed_request(request->context));
    throw;
  }
}

}  // namespace banyan
