// When a second, identical request is sent although the first has not failed: after the time within which `quantile`
// of the calls are answered. The first answer is taken, the other attempt is cancelled (and may be executed all the
// same).
//
//   hedge_options hedge{.quantile = 0.95};
//   auto wait = hedge_delay(hedge, p95.value(now), how, deadline - now);   // none: no hedge
//   bool sent = wait && budget.take(extra_attempt::hedge, now + *wait);    // when the wait is over
//
// A pure decision; the quantile is observed by latency_quantile.hpp, the added load is bounded by retry_budget.hpp.
// Only for operations that may be executed twice. After Dean and Barroso, The Tail at Scale (2013).
#pragma once

#include <banyan/core/time.hpp>
#include <banyan/plan/operation.hpp>

#include <optional>

namespace banyan {

struct hedge_options {
  double quantile = 0.95;                                 // of observed latency; 0: no hedging
  timespan min_delay = std::chrono::milliseconds{1};      // a quantile below this is not worth a second request
  timespan max_delay = std::chrono::seconds{1};           // hedge after this at the latest
  friend bool operator==(const hedge_options&, const hedge_options&) = default;
};

// The wait from the first attempt to the hedge. None: hedging is off, the operation is not idempotent, the quantile
// is not yet known, or the wait would end at or after the deadline.
std::optional<nanoseconds> hedge_delay(const hedge_options& options, std::optional<nanoseconds> observed,
                                       idempotent how, timespan remaining);

}  // namespace banyan
