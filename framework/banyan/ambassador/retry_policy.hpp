// Whether a failed attempt is repeated, and when. A pure decision: the caller counts attempts and asks the budget.
//
//   retry_policy policy{{.attempts = 3}};
//   auto next = policy.after_failure({.why = e, .attempt = 1, .how = how, .remaining = deadline - now}, random);
//   if (!next.wait) return next.to_caller(e);      // marked `retried` where this layer was the one to retry
//   if (!budget.take(extra_attempt::retry, now)) return retry_policy::give_up(e);
//   try_again_after(*next.wait);
//
// An attempt is repeated if
//   - the request may be sent twice (idempotent::by_key or always), or certainly had no effect (outcome not_applied);
//   - and the failure may pass: `unavailable`; `deadline_exceeded` of the attempt alone, with time left for the call;
//     `exhausted` with retry_after. Nothing else: a wrong argument stays wrong,
//   - and no layer below has retried it (error::retried);
//   - and the next attempt can begin before the deadline. A retry_after beyond it fails at once.
//
// The wait is drawn from [0, min(backoff_max, backoff * 2^(n - 1))] ("full jitter": Brooker, Exponential Backoff And
// Jitter, AWS 2015), and is at least the callee's retry_after. A refusal by an endpoint's breaker is retried at once,
// but only on another endpoint.
//
// One layer retries: the one next to the failure. It marks the error that it returns, and layers above do not retry a
// marked error. It marks those that it could not retry for lack of budget, too: otherwise each layer would add its
// own.
#pragma once

#include <banyan/core/error.hpp>
#include <banyan/core/ids.hpp>
#include <banyan/core/time.hpp>
#include <banyan/plan/operation.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace banyan {

struct retry_options {
  int attempts = 3;                                         // including the first; 1: no retries
  timespan backoff = std::chrono::milliseconds{25};         // longest wait before the second attempt, then doubled
  timespan backoff_max = std::chrono::seconds{1};           // longest wait
  friend bool operator==(const retry_options&, const retry_options&) = default;
};

struct failed_attempt {
  const error& why;
  int attempt = 1;                         // 1: the first
  idempotent how = idempotent::never;      // of the operation
  timespan remaining = timespan::max();    // until the deadline of the call
  bool refused_by_breaker = false;         // an endpoint's breaker refused it, so nothing was sent
  bool other_endpoint = false;             // one that was not tried yet could take the next attempt
};

class retry_policy {
 public:
  enum class reason : std::uint8_t {
    again,              // retry after `wait`
    off,                // attempts = 1
    not_retryable,      // the error is not one that passes
    not_idempotent,     // and may have had an effect
    retried_below,      // a lower layer has retried it
    no_attempts_left,
    no_time_left,       // or retry_after is beyond the deadline
    no_other_endpoint,  // the only endpoint's breaker refused it
  };
  struct decision {
    reason because = reason::off;
    std::optional<nanoseconds> wait;  // none: stop
    bool marks = false;               // the error is to be returned with `retried` set
    error to_caller(error e) const;
  };

  explicit retry_policy(retry_options options = {}) : options_{options} {}
  decision after_failure(const failed_attempt& a, random_source& random) const;
  static error give_up(error e);  // the budget refused the retry: marked
  const retry_options& options() const { return options_; }

 private:
  nanoseconds draw(int attempt, random_source& random) const;
  retry_options options_;
};

std::string_view to_string(retry_policy::reason r);  // "no_time_left"

}  // namespace banyan
