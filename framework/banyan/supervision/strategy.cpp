#include <banyan/supervision/strategy.hpp>

#include <algorithm>
#include <utility>

namespace banyan {

strategy::strategy(supervision_policy policy, std::vector<child_policy> children) : policy_{std::move(policy)} {
  if (!policy_.backoff && !policy_.limit) policy_.limit = intensity{};
  for (auto& c : children) children_.push_back({std::move(c), banyan::backoff{policy_.backoff.value_or(backoff_policy{})}});
}

// --- events ----------------------------------------------------------------------------------------------------------

child_actions strategy::begin(const std::vector<bool>& alive, moment at) {
  child_actions out;
  round r{.first = true};
  for (std::size_t i = 0; i < children_.size(); ++i) {
    r.start.push_back(i);
    if (i >= alive.size() || !alive[i]) continue;
    children_[i].now = state::running;
    r.halt.push_front(i);
  }
  round_ = std::move(r);
  proceed(out, at);
  return out;
}

child_actions strategy::started(std::size_t child, moment at) {
  child_actions out;
  if (children_[child].now != state::starting) return out;
  children_[child].now = state::running;
  proceed(out, at);
  return out;
}

child_actions strategy::exited(std::size_t child, exit_reason why, moment at) {
  child_actions out;
  auto& c = children_[child];
  if (c.now == state::starting) {
    c.now = state::idle;
    handle({child, why, at.now}, true, out, at.random);
  } else if (c.now == state::running) {
    c.now = state::idle;
    if (!is_taken_along(child))
      exits_.push_back({child, why, at.now});
    else if (c.policy.type == restart_type::temporary)
      leave(child, out);
    if (round_) return out;
  } else {
    return out;  // it was told to end already, and will say that it has
  }
  proceed(out, at);
  return out;
}

child_actions strategy::ended(std::size_t child, moment at) {
  child_actions out;
  auto& c = children_[child];
  if (c.now != state::halting) return exited(child, exit_reason::normal, at);
  c.now = state::idle;
  if (c.policy.type == restart_type::temporary && !closing_) leave(child, out);
  proceed(out, at);
  return out;
}

child_actions strategy::overdue(std::size_t child, moment at) {
  child_actions out;
  if (children_[child].now != state::halting) return out;
  out.push_back({child_action::abandon, child});
  for (auto& a : ended(child, at)) out.push_back(a);
  return out;
}

child_actions strategy::wait_over(std::size_t token, moment at) {
  child_actions out;
  due_.push_back(token);
  if (!round_) proceed(out, at);
  return out;
}

child_actions strategy::shut_down(bool for_good, moment at) {
  child_actions out;
  if (closing_) return out;
  close(child_action::down, for_good);
  proceed(out, at);
  return out;
}

// --- doing one thing after the other ---------------------------------------------------------------------------------

void strategy::proceed(child_actions& out, moment at) {
  for (;;) {
    if (round_) {
      if (!halt_next(out)) return;
      if (round_->last) {
        out.push_back({*round_->last});
        round_.reset();
        return;
      }
      if (round_->wait.count() > 0) {
        delayed_.push_back({++tokens_, std::move(round_->start), round_->first});
        out.push_back({child_action::wait, tokens_, round_->wait});
      } else {
        if (!start_next(out)) return;
        if (round_->first && !up_) {
          up_ = true;
          out.push_back({child_action::up});
        }
      }
      round_.reset();
    } else if (!exits_.empty()) {
      auto e = exits_.front();
      exits_.pop_front();
      handle(e, false, out, at.random);
    } else if (!due_.empty()) {
      auto d = std::find_if(delayed_.begin(), delayed_.end(), [&](const delayed& x) { return x.token == due_.front(); });
      due_.pop_front();
      if (d == delayed_.end()) continue;
      round_ = round{.start = std::move(d->start), .first = d->first};
      delayed_.erase(d);
    } else {
      return;
    }
  }
}

// True when all have ended.
bool strategy::halt_next(child_actions& out) {
  for (auto& list = round_->halt; !list.empty(); list.pop_front()) {
    auto i = list.front();
    auto& c = children_[i];
    if (c.now == state::halting) return false;
    if (c.now != state::running && c.now != state::starting) continue;
    const nanoseconds time = c.policy.shutdown;
    if (time.count() > 0) {
      c.now = state::halting;
      out.push_back({round_->for_good ? child_action::stop : child_action::halt, i, time});
      return false;
    }
    c.now = state::idle;
    out.push_back({child_action::abandon, i});
    if (c.policy.type == restart_type::temporary && !closing_) leave(i, out);
  }
  return true;
}

// True when all are up.
bool strategy::start_next(child_actions& out) {
  for (auto& list = round_->start; !list.empty();) {
    auto i = list.front();
    list.pop_front();
    if (children_[i].now != state::idle) continue;
    children_[i].now = state::starting;
    out.push_back({child_action::start, i});
    return false;
  }
  // The last one was ordered in an earlier call: it is the one that may still be starting.
  return std::none_of(children_.begin(), children_.end(), [](const child& c) { return c.now == state::starting; });
}

// --- deciding --------------------------------------------------------------------------------------------------------

void strategy::handle(const exit_event& e, bool at_start, child_actions& out, random_source& random) {
  auto& c = children_[e.child];
  auto interrupted = std::exchange(round_, std::nullopt);
  if (interrupted && interrupted->last) {  // it was on its way out anyway
    round_ = std::move(interrupted);
    return;
  }
  const bool first_start = at_start && interrupted && interrupted->first;
  if (first_start && !policy_.backoff) {
    close(child_action::escalate, false);
    return;
  }
  const bool comes_back = c.policy.type == restart_type::permanent ||
                          (c.policy.type == restart_type::transient && e.why == exit_reason::failed);
  if (!comes_back) {
    leave(e.child, out);
    round_ = std::move(interrupted);
    return;
  }
  ++c.restarts;
  if (is_too_much(e.when)) {
    close(child_action::escalate, false);
    return;
  }
  round r{.start = {e.child}, .first = first_start};
  if (policy_.backoff) r.wait = c.waits.next(e.when, random);
  if (interrupted) {
    for (auto i : interrupted->start) r.start.push_back(i);
  }
  if (!first_start) take_along(r);
  round_ = std::move(r);
}

// Adds those that fall with the failed one, and forgets what was planned for any of them.
void strategy::take_along(round& r) {
  const auto failed = r.start.front();
  if (policy_.strategy != restart::one_for_one) {
    const auto from = policy_.strategy == restart::one_for_all ? 0 : failed;
    for (auto i = from; i < children_.size(); ++i) {
      auto& c = children_[i];
      if (c.now == state::gone) continue;
      if (c.now == state::running) r.halt.push_front(i);
      if (c.policy.type != restart_type::temporary) r.start.push_back(i);
    }
  }
  auto is_taken = [&](std::size_t i) { return std::find(r.start.begin(), r.start.end(), i) != r.start.end(); };
  std::erase_if(delayed_, [&](delayed& d) {
    if (std::none_of(d.start.begin(), d.start.end(), is_taken)) return false;
    r.start.insert(r.start.end(), d.start.begin(), d.start.end());
    r.first = r.first || d.first;
    return true;
  });
  std::sort(r.start.begin(), r.start.end());
  r.start.erase(std::unique(r.start.begin(), r.start.end()), r.start.end());
  std::erase_if(exits_, [&](const exit_event& e) { return is_taken(e.child); });
}

// Will the round end or start it anyway?
bool strategy::is_taken_along(std::size_t child) const {
  if (!round_) return false;
  auto has = [&](const indices& list) { return std::find(list.begin(), list.end(), child) != list.end(); };
  return round_->last || has(round_->halt) || has(round_->start);
}

void strategy::leave(std::size_t child, child_actions& out) {
  auto& c = children_[child];
  c.now = c.policy.type == restart_type::temporary ? state::gone : state::idle;
  out.push_back({child_action::drop, child});
}

bool strategy::is_too_much(monotonic now) {
  if (!policy_.limit) return false;
  restarts_.push_back(now);
  while (now - restarts_.front() > policy_.limit->within.count()) restarts_.pop_front();
  return restarts_.size() > static_cast<std::size_t>(policy_.limit->restarts);
}

void strategy::close(child_action::kind last, bool for_good) {
  closing_ = true;
  exits_.clear();
  delayed_.clear();
  due_.clear();
  round r{.for_good = for_good, .last = last};
  for (std::size_t i = 0; i < children_.size(); ++i)
    if (children_[i].now != state::idle && children_[i].now != state::gone) r.halt.push_front(i);
  round_ = std::move(r);
}

}  // namespace banyan
