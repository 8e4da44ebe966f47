// A link between two services in virtual time: the parts of the ambassador that add load, around any callee. What the
// ambassador does with actors, with callbacks.
//
//   modelled_hop to_c{world, random, {.attempt_time = 80ms}, [&](monotonic deadline, reply done) { ... }};
//   to_c.call(deadline, done);
#pragma once

#include <banyan/ambassador/hedge.hpp>
#include <banyan/ambassador/latency_quantile.hpp>
#include <banyan/ambassador/retry_budget.hpp>
#include <banyan/ambassador/retry_policy.hpp>

#include <tests/framework/ambassador/virtual_time.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace banyan::test {

using reply = std::function<void(std::optional<error>)>;         // no error: an answer
using callee = std::function<void(monotonic deadline, reply)>;   // replies once

struct modelled_link_options {
  retry_options retry = {};
  timespan attempt_time = timespan::max();
  bool budgeted = true;       // false: retries as long as there are attempts, whatever lower layers did
  bool hedged = false;
  retry_budget_options budget = {};
};

class modelled_hop {
 public:
  modelled_hop(virtual_time& world, random_source& random, modelled_link_options options, callee to)
      : world_{world},
        random_{random},
        options_{options},
        to_{std::move(to)},
        policy_{options.retry},
        budget_{options.budget, start},
        p95_{{}, start} {}

  void call(monotonic deadline, reply done) {
    ++calls;
    budget_.begin();
    auto c = std::make_shared<state>();
    c->deadline = deadline;
    c->done = std::move(done);
    world_.at(deadline, [this, c] { end(*c, error{code::deadline_exceeded, "too late", outcome::unknown}); });
    attempt(c, {});
    if (!options_.hedged) return;
    if (const auto wait = hedge_delay({}, p95_.value(world_.now()), idempotent::always, deadline - world_.now()))
      world_.after(*wait, [this, c] {
        if (!c->done || c->retrying || !budget_.take(extra_attempt::hedge, world_.now())) return;
        attempt(c, extra_attempt::hedge);
      });
  }

  int calls = 0;
  int attempts = 0;

 private:
  struct state {
    monotonic deadline;
    reply done;         // empty once it has been called
    int under_way = 0;
    int made = 1;       // attempts, without hedges
    bool retrying = false;
  };
  using state_ptr = std::shared_ptr<state>;

  void end(state& c, std::optional<error> how) {
    if (!c.done) return;
    budget_.end(world_.now());
    std::exchange(c.done, nullptr)(std::move(how));
  }

  void attempt(const state_ptr& c, std::optional<extra_attempt> kind) {
    ++attempts;
    ++c->under_way;
    const auto began = world_.now();
    const auto until = std::min(c->deadline, add_saturating(began, options_.attempt_time));
    auto over = std::make_shared<bool>(false);
    auto ended = [this, c, kind, began, over](std::optional<error> how) {
      if (std::exchange(*over, true)) return;
      --c->under_way;
      if (kind) budget_.end_extra(*kind, world_.now());
      if (!how) p95_.record(world_.now() - began, world_.now());
      if (!how)
        end(*c, {});
      else
        failed(c, std::move(*how));
    };
    world_.at(until, [ended] { ended(error{code::deadline_exceeded, "no answer", outcome::unknown}); });
    to_(until, ended);
  }

  void failed(const state_ptr& c, error why) {
    if (!c->done || c->under_way > 0 || c->retrying) return;  // the other attempt may still answer
    if (!options_.budgeted) why.retried = false;
    const auto next = policy_.after_failure(
        {.why = why, .attempt = c->made, .how = idempotent::always, .remaining = c->deadline - world_.now()}, random_);
    if (!next.wait) return end(*c, next.to_caller(std::move(why)));
    if (options_.budgeted && !budget_.take(extra_attempt::retry, world_.now()))
      return end(*c, retry_policy::give_up(std::move(why)));
    c->retrying = true;
    world_.after(*next.wait, [this, c] {
      c->retrying = false;
      if (!c->done) {
        if (options_.budgeted) budget_.give_back(extra_attempt::retry);
        return;
      }
      ++c->made;
      attempt(c, options_.budgeted ? std::optional{extra_attempt::retry} : std::nullopt);
    });
  }

  virtual_time& world_;
  random_source& random_;
  const modelled_link_options options_;
  const callee to_;
  retry_policy policy_;
  retry_budget budget_;
  latency_quantile p95_;
};

}  // namespace banyan::test
