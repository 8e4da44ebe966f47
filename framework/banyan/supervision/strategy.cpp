#include <banyan/supervision/strategy.hpp>

#include <algorithm>
#include <utility>

namespace banyan {

std::string_view to_string(child_state s) {
  switch (s) {
    case child_state::idle:
      return "down";
    case child_state::starting:
      return "starting";
    case child_state::running:
      return "running";
    case child_state::suspending:
      return "ending";
    case child_state::fallen:
      return "failed";
    case child_state::restarting:
      return "restarting";
    case child_state::gone:
      return "gone";
  }
  return "?";
}

strategy::strategy(supervision_policy policy, std::vector<child_policy> children)
    : policy_{std::move(policy)}, restarts_{policy_.backoff || policy_.limit ? policy_.limit : intensity{}} {
  for (auto& c : children)
    children_.emplace(next_child_++, child{std::move(c), banyan::backoff{policy_.backoff.value_or(backoff_policy{})}});
}

// --- events ----------------------------------------------------------------------------------------------------------

child_actions strategy::begin(const std::vector<bool>& alive, moment at) {
  child_actions out;
  round r{.first = true};
  for (auto& [number, c] : children_) {
    r.start.push_back(number);
    if (number >= alive.size() || !alive[number]) continue;
    c.now = child_state::running;
    r.suspend.push_front(number);
  }
  round_ = std::move(r);
  proceed(out, at);
  return out;
}

child_actions strategy::started(std::size_t number, moment at) {
  child_actions out;
  auto* c = find(number);
  if (!c || c->now != child_state::starting) return out;
  c->now = child_state::running;
  proceed(out, at);
  return out;
}

child_actions strategy::exited(std::size_t number, exit_reason why, moment at) {
  child_actions out;
  auto* c = find(number);
  if (!c) return out;
  // Ordered to end already: it will report its end.
  if (c->now != child_state::running && c->now != child_state::starting) return out;
  if (is_taken_along(number)) {
    c->now = child_state::idle;
    if (c->policy.type == restart_type::temporary && !closing_) leave(number, out);
    return out;
  }
  if (c->now == child_state::starting) {
    could_not_start(number, out);
  } else {
    c->now = child_state::fallen;
    turns_.push_back({.kind = turn::exit, .child = number, .why = why.kind});
  }
  proceed(out, at);
  return out;
}

child_actions strategy::ended(std::size_t number, moment at) {
  child_actions out;
  auto* c = find(number);
  if (!c) return out;
  if (c->now != child_state::suspending) return exited(number, exit_reason::shutdown, at);
  c->now = child_state::idle;
  if (c->policy.type == restart_type::temporary && !closing_) leave(number, out);
  proceed(out, at);
  return out;
}

child_actions strategy::overdue(std::size_t number, moment at) {
  child_actions out;
  if (state_of(number) != child_state::suspending) return out;
  out.push_back({child_action::abandon, number});
  for (auto& a : ended(number, at)) out.push_back(a);
  return out;
}

child_actions strategy::wait_over(std::size_t token, moment at) { return ask({.kind = turn::due, .token = token}, at); }

child_actions strategy::shut_down(bool for_good, moment at) {
  child_actions out;
  if (closing_) return out;
  close(child_action::down, for_good);
  proceed(out, at);
  return out;
}

child_actions strategy::add(std::size_t token, child_policy child, moment at) {
  const auto number = next_child_++;
  auto name = child.name;
  added_.emplace(number, std::move(child));
  return ask({.kind = turn::add, .child = number, .token = token, .name = std::move(name)}, at);
}
child_actions strategy::terminate(std::size_t token, std::string name, moment at) {
  return ask({.kind = turn::terminate, .token = token, .name = std::move(name)}, at);
}
child_actions strategy::restart(std::size_t token, std::string name, moment at) {
  return ask({.kind = turn::restart, .token = token, .name = std::move(name)}, at);
}
child_actions strategy::remove(std::size_t token, std::string name, moment at) {
  return ask({.kind = turn::remove, .token = token, .name = std::move(name)}, at);
}

child_actions strategy::ask(turn t, moment at) {
  child_actions out;
  if (closing_) return out;
  turns_.push_back(std::move(t));
  if (!round_) proceed(out, at);
  return out;
}

// --- what it knows ---------------------------------------------------------------------------------------------------

child_state strategy::state_of(std::size_t number) const {
  auto c = children_.find(number);
  return c == children_.end() ? child_state::gone : c->second.now;
}

int strategy::restarts_of(std::size_t number) const {
  auto c = children_.find(number);
  return c == children_.end() ? 0 : c->second.restarts;
}

std::vector<std::size_t> strategy::children() const {
  std::vector<std::size_t> all;
  for (auto& [number, c] : children_) all.push_back(number);
  return all;
}

std::vector<std::size_t> strategy::waiting_for(std::size_t token) const {
  auto d = std::find_if(delayed_.begin(), delayed_.end(), [&](const delayed& x) { return x.token == token; });
  if (d == delayed_.end()) return {};
  return {d->start.begin(), d->start.end()};
}

strategy::child* strategy::find(std::size_t number) {
  auto c = children_.find(number);
  return c == children_.end() ? nullptr : &c->second;
}

std::size_t strategy::find(const std::string& name) const {
  for (auto& [number, c] : children_)
    if (c.policy.name == name) return number;
  return nobody;
}

// --- doing one thing after the other ---------------------------------------------------------------------------------

void strategy::proceed(child_actions& out, moment at) {
  for (;;) {
    if (round_) {
      if (!halt_next(out)) return;
      if (round_->last) {
        out.push_back({.kind = *round_->last, .verdict = up_ ? verdict::done : verdict::failed});
        round_.reset();
        return;
      }
      if (round_->wait.count() > 0) {
        if (auto* c = find(round_->failed)) c->now = child_state::restarting;
        delayed_.push_back({++tokens_, round_->failed, std::move(round_->start), round_->first});
        out.push_back({child_action::wait, tokens_, round_->wait});
      } else {
        if (!start_next(out)) return;
        if (round_->first && !up_) {
          up_ = true;
          out.push_back({child_action::up});
        }
      }
      if (round_->question) out.push_back({.kind = child_action::answer, .child = round_->about, .token = *round_->question});
      round_.reset();
    } else if (!turns_.empty()) {
      auto t = std::move(turns_.front());
      turns_.pop_front();
      take(std::move(t), out, at);
    } else {
      return;
    }
  }
}

// True when all have ended.
bool strategy::halt_next(child_actions& out) {
  for (auto& list = round_->suspend; !list.empty(); list.pop_front()) {
    auto number = list.front();
    auto* c = find(number);
    if (!c) continue;
    if (c->now == child_state::suspending) return false;
    if (c->now != child_state::running && c->now != child_state::starting) continue;
    const nanoseconds time = c->policy.shutdown;
    if (time.count() > 0) {
      c->now = child_state::suspending;
      out.push_back({round_->for_good ? child_action::stop : child_action::suspend, number, time});
      return false;
    }
    c->now = child_state::idle;
    out.push_back({child_action::abandon, number});
    if (c->policy.type == restart_type::temporary && !closing_) leave(number, out);
  }
  return true;
}

// True when all are up.
bool strategy::start_next(child_actions& out) {
  if (state_of(round_->starting) == child_state::starting) return false;
  for (auto& list = round_->start; !list.empty();) {
    auto number = list.front();
    list.pop_front();
    auto* c = find(number);
    if (!c || c->now != child_state::idle) continue;
    c->now = child_state::starting;
    round_->starting = number;
    out.push_back({child_action::start, number});
    return false;
  }
  return true;
}

void strategy::leave(std::size_t number, child_actions& out) {
  auto& c = children_.at(number);
  c.now = child_state::idle;
  if (c.policy.type == restart_type::temporary) children_.erase(number);
  out.push_back({child_action::drop, number});
}

void strategy::close(child_action::kind_type last, bool for_good) {
  closing_ = true;
  turns_.clear();
  delayed_.clear();
  round r{.for_good = for_good, .last = last};
  for (auto& [number, c] : children_) {
    if (c.now == child_state::fallen || c.now == child_state::restarting) c.now = child_state::idle;
    if (c.now != child_state::idle) r.suspend.push_front(number);
  }
  round_ = std::move(r);
}

}  // namespace banyan
