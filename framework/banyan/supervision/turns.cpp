// The decisions of a strategy on queued events and requests, when no other operation is in progress.
#include <banyan/supervision/strategy.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace banyan {

namespace {
bool has(const std::deque<std::size_t>& list, std::size_t number) { return std::find(list.begin(), list.end(), number) != list.end(); }
}  // namespace

void strategy::take(turn t, child_actions& out, moment at) {
  switch (t.kind) {
    case turn::exit:
      take_exit(t, out, at);
      break;
    case turn::due:
      take_wait(t.token, out);
      break;
    default:
      const auto about = find(t.name);
      if (auto v = take_question(t, about, out))
        out.push_back({.kind = child_action::answer, .child = about, .verdict = *v, .token = t.token});
  }
}

// --- ends ------------------------------------------------------------------------------------------------------------

// An end before the child was up is a failure, whatever its reason, also for a transient child that ends normally.
void strategy::could_not_start(std::size_t number, child_actions& out) {
  auto& c = children_.at(number);
  auto interrupted = *std::exchange(round_, std::nullopt);
  c.now = child_state::idle;
  if (interrupted.question) {
    if (interrupted.is_new) children_.erase(number);
    out.push_back({child_action::drop, number});
    out.push_back({.kind = child_action::answer, .child = number, .verdict = verdict::failed, .token = *interrupted.question});
  } else if (interrupted.first && !policy_.backoff) {
    close(child_action::escalate, false);
  } else {
    c.now = child_state::restarting;
    turns_.push_back(
        {.kind = turn::exit, .child = number, .why = exit_reason::failed, .first = interrupted.first, .rest = std::move(interrupted.start)});
  }
}

void strategy::take_exit(turn& t, child_actions& out, moment at) {
  auto* c = find(t.child);
  if (!c || (c->now != child_state::fallen && c->now != child_state::restarting)) return;
  c->now = child_state::idle;
  const bool comes_back =
      c->policy.type == restart_type::permanent || (c->policy.type == restart_type::transient && t.why == exit_reason::failed);
  if (!comes_back) {
    const auto policy = c->policy;
    leave(t.child, out);
    if (is_work_done(policy))
      close(child_action::auto_shutdown, false);
    else if (t.first || !t.rest.empty())
      round_ = round{.start = std::move(t.rest), .first = t.first};
    return;
  }
  ++c->restarts;
  if (restarts_.is_too_much(at.now)) {
    close(child_action::escalate, false);
    return;
  }
  round r{.start = std::move(t.rest), .failed = t.child, .first = t.first};
  r.start.push_front(t.child);
  if (policy_.backoff) r.wait = c->waits.next(at.now, at.random);
  if (!t.first) take_along(r, out);
  absorb(r, out);
  round_ = std::move(r);
}

// Adds the children that are restarted with the failed one.
void strategy::take_along(round& r, child_actions& out) {
  if (policy_.strategy == restart::one_for_one) return;
  auto from = policy_.strategy == restart::one_for_all ? children_.begin() : children_.find(r.failed);
  while (from != children_.end()) {
    auto& [number, c] = *from++;
    if (c.now == child_state::running) r.suspend.push_front(number);
    if (c.policy.type != restart_type::temporary || c.now == child_state::restarting)
      r.start.push_back(number);
    else if (c.now == child_state::fallen)
      leave(number, out);
  }
}

// Takes over the pending operations of the children that it will start.
void strategy::absorb(round& r, child_actions& out) {
  std::set<std::size_t> all{r.start.begin(), r.start.end()};
  auto is_one = [&](std::size_t number) { return all.count(number) > 0; };
  auto take_over = [&](const numbers& rest, bool first) {
    all.insert(rest.begin(), rest.end());
    r.first = r.first || first;
    return true;
  };
  for (std::size_t before = 0; before != all.size();) {
    before = all.size();
    std::erase_if(delayed_,
                  [&](const delayed& d) { return std::any_of(d.start.begin(), d.start.end(), is_one) && take_over(d.start, d.first); });
    std::erase_if(turns_, [&](const turn& t) { return t.kind == turn::exit && is_one(t.child) && take_over(t.rest, t.first); });
  }
  r.start.clear();
  for (auto number : all) {
    auto* c = find(number);
    if (!c) continue;
    if (c->now == child_state::restarting && c->policy.type == restart_type::temporary && number != r.failed) {
      leave(number, out);
      continue;
    }
    if (c->now == child_state::fallen || c->now == child_state::restarting) c->now = child_state::idle;
    r.start.push_back(number);
  }
}

// Whether the current operation will end or start the child anyway.
bool strategy::is_taken_along(std::size_t number) const {
  return round_ && (round_->last || has(round_->suspend, number) || has(round_->start, number));
}

bool strategy::is_work_done(const child_policy& ended) const {
  if (!ended.significant || policy_.auto_shutdown == auto_shutdown::never) return false;
  if (policy_.auto_shutdown == auto_shutdown::any_significant) return true;
  // Terminated children do not count; those that have not had their first start do.
  auto is_expected = [&](std::size_t number) {
    return std::any_of(delayed_.begin(), delayed_.end(), [&](const delayed& d) { return d.first && has(d.start, number); }) ||
           std::any_of(turns_.begin(), turns_.end(), [&](const turn& t) { return t.first && has(t.rest, number); });
  };
  return std::none_of(children_.begin(), children_.end(), [&](const auto& entry) {
    auto& [number, c] = entry;
    return c.policy.significant && (c.now != child_state::idle || is_expected(number));
  });
}

void strategy::take_wait(std::size_t token, child_actions& out) {
  auto d = std::find_if(delayed_.begin(), delayed_.end(), [&](const delayed& x) { return x.token == token; });
  if (d == delayed_.end()) return;
  round r{.start = std::move(d->start), .failed = d->failed, .first = d->first};
  delayed_.erase(d);
  absorb(r, out);
  for (auto number : r.start)
    if (state_of(number) == child_state::running && !r.first) r.suspend.push_front(number);  // started meanwhile
  round_ = std::move(r);
}

// --- questions -------------------------------------------------------------------------------------------------------

// Nothing: the answer follows later.
std::optional<verdict> strategy::take_question(const turn& t, std::size_t number, child_actions& out) {
  if (t.kind == turn::add) {
    auto policy = std::move(added_.extract(t.child).mapped());
    if (number != nobody) {
      auto now = children_.at(number).now;
      return now == child_state::running || now == child_state::fallen ? verdict::running : verdict::down;
    }
    children_.emplace(t.child, child{std::move(policy), banyan::backoff{policy_.backoff.value_or(backoff_policy{})}});
    round_ = round{.start = {t.child}, .question = t.token, .about = t.child, .is_new = true};
    return std::nullopt;
  }
  if (number == nobody) return verdict::unknown;
  const auto now = children_.at(number).now;
  if (t.kind == turn::terminate) {
    if (now == child_state::running) {
      round_ = round{.suspend = {number}, .for_good = true, .question = t.token, .about = number};
      return std::nullopt;
    }
    if (now == child_state::fallen || now == child_state::restarting) {
      give_up(number, out);
      leave(number, out);
    }
    return verdict::done;
  }
  if (now == child_state::restarting) return verdict::restarting;
  if (now != child_state::idle) return verdict::running;
  if (t.kind == turn::restart) {
    round_ = round{.start = {number}, .question = t.token, .about = number};
    return std::nullopt;
  }
  children_.erase(number);
  out.push_back({child_action::drop, number});
  return verdict::done;
}

// Children due after it in the first start are still started; those suspended with it stay down, as in OTP, and
// callers waiting for them are answered.
void strategy::give_up(std::size_t number, child_actions& out) {
  auto go_on_without = [&](numbers rest, bool first) {
    std::erase(rest, number);
    if (first)
      round_ = round{.start = std::move(rest), .first = true};
    else
      for (auto n : rest)
        if (state_of(n) == child_state::idle) leave(n, out);
    return true;
  };
  std::erase_if(turns_, [&](const turn& t) { return t.kind == turn::exit && t.child == number && go_on_without(t.rest, t.first); });
  std::erase_if(delayed_, [&](const delayed& d) { return d.failed == number && go_on_without(d.start, d.first); });
}

}  // namespace banyan
