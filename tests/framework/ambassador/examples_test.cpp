// The examples of the headers, as they stand there.
#include <banyan/ambassador/adaptive_limit.hpp>
#include <banyan/ambassador/balancer.hpp>
#include <banyan/ambassador/bulkhead.hpp>
#include <banyan/ambassador/endpoint_states.hpp>
#include <banyan/ambassador/hedge.hpp>
#include <banyan/ambassador/latency_quantile.hpp>
#include <banyan/ambassador/outlier_detector.hpp>
#include <banyan/ambassador/retry_budget.hpp>
#include <banyan/ambassador/retry_policy.hpp>
#include <banyan/ambassador/token_bucket.hpp>
#include <banyan/simulation/seeded_random.hpp>

#include <catch2/catch.hpp>
#include <tests/framework/ambassador/virtual_time.hpp>

#include <memory>
#include <vector>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

struct virtual_clock final : clock {
  instant now() const override { return {}; }
  monotonic steady() const override { return start; }
};
const virtual_clock time;

std::optional<error> call_within_rate(monotonic now) {
  token_bucket limit{{.per_second = 200, .burst = 50}, time.steady()};
  if (!limit.take(now)) return limit.refusal(now);
  return {};
}

struct my_waiter final : bulkhead::waiter {
  void resume(bulkhead::result_of_wait) override {}
};
void wait_for(my_waiter&) {}

std::optional<error> call_with_permit(my_waiter& self, monotonic deadline, monotonic now) {
  bulkhead limit{{.concurrency = 64, .queue = 64, .queue_time = 100ms}};
  switch (limit.enter(self, deadline, now)) {
    case bulkhead::entry::admitted: break;
    case bulkhead::entry::queued: wait_for(self); break;
    case bulkhead::entry::refused: return limit.refusal();
  }
  return {};
}

error retry_once(const error& e, idempotent how, monotonic deadline, monotonic now, nanoseconds& waited) {
  seeded_random random{1};
  retry_budget budget{{}, now};
  const auto try_again_after = [&](nanoseconds wait) { waited = wait; };
  retry_policy policy{{.attempts = 3}};
  auto next = policy.after_failure({.why = e, .attempt = 1, .how = how, .remaining = deadline - now}, random);
  if (!next.wait) return next.to_caller(e);
  if (!budget.take(extra_attempt::retry, now)) return retry_policy::give_up(e);
  try_again_after(*next.wait);
  return e;
}

}  // namespace

TEST_CASE("limits: the examples of the headers") {
  CHECK_FALSE(call_within_rate(start));
  my_waiter self;
  CHECK_FALSE(call_with_permit(self, start + 1s, start));
  const auto now = start;
  const auto latency = 5ms;
  bulkhead permits;
  adaptive_limit limit{{.max = 500}, now};
  if (auto changed = limit.record(latency, permits.in_flight(), now)) permits.set_concurrency(*changed, now);
  CHECK(permits.concurrency() == 256);
}

TEST_CASE("retries and hedges: the examples of the headers") {
  nanoseconds waited{-1};
  const error e{code::unavailable, "down", outcome::unknown};
  CHECK_FALSE(retry_once(e, idempotent::always, start + 1s, start, waited).retried);
  CHECK(waited >= 0ns);
  const auto now = start;
  int scheduled = 0;
  {
    const auto schedule = [&] { ++scheduled; };
    retry_budget budget{{.ratio = 0.2, .floor = 3}, now};
    budget.begin();
    if (budget.take(extra_attempt::retry, now)) schedule();
    budget.give_back(extra_attempt::retry);
    CHECK(budget.take(extra_attempt::retry, now));
    budget.end_extra(extra_attempt::retry, now);
    budget.end(now);
  }
  CHECK(scheduled == 1);
  const auto latency = 5ms;
  const auto deadline = now + 1s;
  const auto how = idempotent::always;
  retry_budget budget{{}, now};
  latency_quantile p95{{.quantile = 0.95}, now};
  p95.record(latency, now);
  {
    std::optional<nanoseconds> wait = p95.value(now);
    CHECK_FALSE(wait);
  }
  hedge_options hedge{.quantile = 0.95};
  auto wait = hedge_delay(hedge, p95.value(now), how, deadline - now);
  bool sent = wait && budget.take(extra_attempt::hedge, now + *wait);
  CHECK_FALSE(sent);
  latency_histogram h;
  h.add(1234us);
  nanoseconds median = h.quantile(0.5);
  CHECK(median > 1200us);
}

TEST_CASE("endpoints: the examples of the headers") {
  struct my_state : balanced_endpoint {
    explicit my_state(const endpoint& e) : balanced_endpoint{e.node} {}
  };
  const auto now = start;
  const auto latency = 5ms;
  const endpoint_set nodes{{{.node = "stock-1", .address = "10.0.0.7:7000"}}};
  endpoint_states<my_state> known{[](const endpoint& e) { return std::make_shared<my_state>(e); }};
  known.update(nodes.now());
  auto snapshot = known.list();
  const auto& list = *snapshot;
  const auto usable = [](std::size_t) { return true; };
  seeded_random random{1};
  const auto key = stable_hash("customer-7");
  balancer choice{{.by = balancing::p2c}};
  auto at = choice.choose(list, usable, random, key, now);
  CHECK(at == 0u);
  endpoint_load load;
  load.begin();
  load.end(latency, now);
  double cost = load.cost(now);
  CHECK(cost > 0);
  const outlier_detector::records records{std::make_shared<outlier_record>("stock-1")};
  const auto mine = records.front();
  outlier_detector detector{{}, now};
  detector.set_members(records, now);
  detector.record(*mine, attempt_result::failure, latency, now);
  bool passed_over = mine->is_ejected(now);
  CHECK_FALSE(passed_over);
}
