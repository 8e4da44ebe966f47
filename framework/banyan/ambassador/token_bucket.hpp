// A rate limit: a bucket that gains `per_second` tokens a second, holds at most `burst`, and gives one to each call.
//
//   token_bucket limit{{.per_second = 200, .burst = 50}, time.steady()};
//   if (!limit.take(now)) return limit.refusal(now);   // exhausted, reason "rate_limited", with retry_after
//
// Exact: in any interval of t seconds at most burst + per_second * t calls are admitted, and a bucket that is never
// full admits exactly per_second * t, whatever the times of the calls; nothing is rounded per call, so nothing
// drifts. A rate is kept to nine significant digits. Not for limits on concurrency: bulkhead.hpp.
//
// Thread-safe; time is passed in and may be slightly out of order between threads. No allocation.
#pragma once

#include <banyan/core/error.hpp>
#include <banyan/core/time.hpp>

#include <cstdint>
#include <mutex>

namespace banyan {

struct rate_limit_options {
  double per_second = 1000;  // 0.00001 to 1e9
  std::int64_t burst = 0;    // tokens of a full bucket; 0: those of one second, at least 1
  friend bool operator==(const rate_limit_options&, const rate_limit_options&) = default;
};

class token_bucket {
 public:
  token_bucket(rate_limit_options options, monotonic now);  // starts full

  bool take(monotonic now);                           // false: no token, nothing is taken
  nanoseconds retry_after(monotonic now) const;       // until there is a token; 0: there is one
  error refusal(monotonic now) const;                 // not_applied
  void set(rate_limit_options options, monotonic now);  // keeps the tokens that fit into the new bucket

 private:
  using units = std::int64_t;
  units gained(monotonic now) const;  // since `start_`
  units level(monotonic now) const;
  void adopt(rate_limit_options options);

  mutable std::mutex mutex_;
  monotonic start_;
  units per_second_ = 0;  // a token is `token_` units, so that all arithmetic is of integers
  units token_ = 1;
  units burst_ = 0;
  std::int64_t latest_ = 0;  // ns since `start_`
  units spent_ = 0;       // by calls and by overflow, since `start_`; the level is burst_ + gained - spent_
};

}  // namespace banyan
