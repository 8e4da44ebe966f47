#include <banyan/supervision/pool_strategy.hpp>

#include <utility>

namespace banyan {

pool_strategy::pool_strategy(supervision_policy policy)
    : policy_{std::move(policy)}, restarts_{policy_.backoff || policy_.limit ? policy_.limit : intensity{}} {}

// --- what it knows ---------------------------------------------------------------------------------------------------

child_state pool_strategy::state_of(std::size_t number) const {
  auto c = children_.find(number);
  return c == children_.end() ? child_state::gone : c->second.now;
}

int pool_strategy::restarts_of(std::size_t number) const {
  auto c = children_.find(number);
  return c == children_.end() ? 0 : c->second.restarts;
}

std::vector<std::size_t> pool_strategy::waiting_for(std::size_t token) const {
  auto w = waiting_.find(token);
  return w == waiting_.end() ? std::vector<std::size_t>{} : std::vector{w->second};
}

std::vector<std::size_t> pool_strategy::children() const {
  std::vector<std::size_t> all;
  for (auto& [number, c] : children_) all.push_back(number);
  return all;
}

pool_strategy::child* pool_strategy::find(std::size_t number) {
  auto c = children_.find(number);
  return c == children_.end() ? nullptr : &c->second;
}

// --- events ----------------------------------------------------------------------------------------------------------

child_actions pool_strategy::started(std::size_t number, moment) {
  child_actions out;
  auto* c = find(number);
  if (!c || c->now != child_state::starting) return out;
  c->now = child_state::running;
  answer(*c, number, verdict::done, out);
  return out;
}

child_actions pool_strategy::exited(std::size_t number, exit_reason why, moment at) {
  child_actions out;
  auto* c = find(number);
  // Ordered to end: it will report its end.
  if (!c || (c->now != child_state::starting && c->now != child_state::running)) return out;
  const bool failed = why.kind == exit_reason::failed || c->now == child_state::starting;
  if (!c->questions.empty()) {  // this was its first start
    answer(*c, number, verdict::failed, out);
    leave(number, out);
    return out;
  }
  const bool comes_back = c->policy.type == restart_type::permanent || (c->policy.type == restart_type::transient && failed);
  if (!comes_back) {
    const bool is_significant = c->policy.significant;
    leave(number, out);
    if (is_significant && (policy_.auto_shutdown == auto_shutdown::any_significant ||
                           (policy_.auto_shutdown == auto_shutdown::all_significant && significant_ == 0)))
      close(child_action::auto_shutdown, out);
    return out;
  }
  ++c->restarts;
  if (restarts_.is_too_much(at.now)) {
    leave(number, out);
    close(child_action::escalate, out);
    return out;
  }
  const auto wait = policy_.backoff ? c->waits.next(at.now, at.random) : nanoseconds{0};
  if (wait.count() > 0) {
    c->now = child_state::restarting;
    c->token = ++tokens_;
    waiting_.emplace(c->token, number);
    out.push_back({child_action::wait, c->token, wait});
  } else {
    c->now = child_state::starting;
    out.push_back({child_action::start, number});
  }
  return out;
}

child_actions pool_strategy::ended(std::size_t number, moment at) {
  child_actions out;
  auto* c = find(number);
  if (!c) return out;
  if (c->now != child_state::suspending) return exited(number, exit_reason::shutdown, at);
  answer(*c, number, verdict::done, out);
  leave(number, out);
  finish_if_empty(out);
  return out;
}

child_actions pool_strategy::overdue(std::size_t number, moment at) {
  child_actions out;
  if (state_of(number) != child_state::suspending) return out;
  out.push_back({child_action::abandon, number});
  for (auto& a : ended(number, at)) out.push_back(a);
  return out;
}

child_actions pool_strategy::wait_over(std::size_t token, moment) {
  child_actions out;
  auto w = waiting_.extract(token);
  if (w.empty()) return out;
  const auto number = w.mapped();
  children_.at(number).now = child_state::starting;
  out.push_back({child_action::start, number});
  return out;
}

child_actions pool_strategy::shut_down(bool, moment) {
  child_actions out;
  if (!last_) close(child_action::down, out);
  return out;
}

// --- questions -------------------------------------------------------------------------------------------------------

child_actions pool_strategy::add(std::size_t token, child_policy policy, moment) {
  child_actions out;
  const auto number = next_child_++;
  if (last_) return out;
  if (policy.significant) ++significant_;
  child c{std::move(policy), banyan::backoff{policy_.backoff.value_or(backoff_policy{})}};
  c.questions.push_back(token);
  children_.emplace(number, std::move(c));
  out.push_back({child_action::start, number});
  return out;
}

child_actions pool_strategy::terminate(std::size_t token, std::size_t number, moment) {
  child_actions out;
  auto* c = find(number);
  if (last_) return out;
  if (!c) {
    out.push_back({.kind = child_action::answer, .child = number, .verdict = verdict::unknown, .token = token});
    return out;
  }
  c->questions.push_back(token);
  end(number, out);
  return out;
}

// --- deciding --------------------------------------------------------------------------------------------------------

void pool_strategy::answer(child& c, std::size_t number, verdict v, child_actions& out) {
  for (auto token : std::exchange(c.questions, {}))
    out.push_back({.kind = child_action::answer, .child = number, .verdict = v, .token = token});
}

void pool_strategy::leave(std::size_t number, child_actions& out) {
  auto c = children_.extract(number);
  if (c.mapped().policy.significant) --significant_;
  waiting_.erase(c.mapped().token);
  out.push_back({child_action::drop, number});
}

void pool_strategy::end(std::size_t number, child_actions& out) {
  auto& c = children_.at(number);
  const nanoseconds time = c.policy.shutdown;
  if (c.now == child_state::suspending) return;
  if (c.now == child_state::restarting) {
    answer(c, number, verdict::done, out);
    leave(number, out);
  } else if (time.count() > 0) {
    c.now = child_state::suspending;
    out.push_back({child_action::stop, number, time});
  } else {
    out.push_back({child_action::abandon, number});
    answer(c, number, verdict::done, out);
    leave(number, out);
  }
}

void pool_strategy::close(child_action::kind_type last, child_actions& out) {
  last_ = last;
  for (auto number : children()) end(number, out);
  finish_if_empty(out);
}

void pool_strategy::finish_if_empty(child_actions& out) {
  if (last_ && children_.empty()) out.push_back({*std::exchange(last_, child_action::down)});
}

}  // namespace banyan
