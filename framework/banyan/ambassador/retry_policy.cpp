#include <banyan/ambassador/retry_policy.hpp>

#include <algorithm>

namespace banyan {

namespace {

bool may_pass(const failed_attempt& a) {
  switch (a.why.code) {
    case code::unavailable:
    case code::deadline_exceeded: return true;
    case code::exhausted: return a.why.retry_after.has_value();
    default: return false;
  }
}

}  // namespace

retry_policy::decision retry_policy::after_failure(const failed_attempt& a, random_source& random) const {
  const auto stop = [](reason because, bool marks) { return decision{because, {}, marks}; };
  if (a.why.retried) return stop(reason::retried_below, true);
  if (options_.attempts <= 1) return stop(reason::off, false);
  if (!may_pass(a)) return stop(reason::not_retryable, false);
  if (a.how == idempotent::never && a.why.outcome != outcome::not_applied) return stop(reason::not_idempotent, false);
  if (a.attempt >= options_.attempts) return stop(reason::no_attempts_left, true);
  if (a.remaining <= timespan{nanoseconds{0}}) return stop(reason::no_time_left, true);
  if (a.refused_by_breaker) {
    if (!a.other_endpoint) return stop(reason::no_other_endpoint, true);
    return {reason::again, nanoseconds{0}, false};
  }
  // Spread beyond retry_after: all callers were told the same.
  timespan wait = draw(a.attempt, random);
  if (a.why.retry_after) wait = add_saturating(wait, std::max(*a.why.retry_after, std::chrono::milliseconds{0}));
  if (wait >= a.remaining) return stop(reason::no_time_left, true);
  return {reason::again, wait.count(), false};
}

nanoseconds retry_policy::draw(int attempt, random_source& random) const {
  auto most = std::max(options_.backoff.count(), nanoseconds{0});
  const auto limit = std::max(options_.backoff_max.count(), nanoseconds{0});
  for (int n = 1; n < attempt && most < limit; ++n) most = add_saturating(timespan{most}, most).count();
  most = std::min(most, limit);
  const auto share = static_cast<double>(random.next() >> 11) * 0x1.0p-53;  // [0, 1)
  return nanoseconds{static_cast<std::int64_t>(static_cast<double>(most.count()) * share)};
}

error retry_policy::decision::to_caller(error e) const {
  if (marks) e.retried = true;
  return e;
}

error retry_policy::give_up(error e) {
  e.retried = true;
  return e;
}

std::string_view to_string(retry_policy::reason r) {
  switch (r) {
    case retry_policy::reason::again: return "again";
    case retry_policy::reason::off: return "off";
    case retry_policy::reason::not_retryable: return "not_retryable";
    case retry_policy::reason::not_idempotent: return "not_idempotent";
    case retry_policy::reason::retried_below: return "retried_below";
    case retry_policy::reason::no_attempts_left: return "no_attempts_left";
    case retry_policy::reason::no_time_left: return "no_time_left";
    case retry_policy::reason::no_other_endpoint: return "no_other_endpoint";
  }
  return "unknown";
}

}  // namespace banyan
