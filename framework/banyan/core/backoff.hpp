// Exponential back-off with jitter: the delay before the n-th attempt in a row, for restarts, retries and
// reconnects. Pure. After Brooker, Exponential Backoff And Jitter (AWS, 2015), but with a lower bound, so that a
// delay is never near zero.
#pragma once

#include <banyan/core/ids.hpp>
#include <banyan/core/time.hpp>

namespace banyan {

struct backoff_policy {
  timespan first = nanoseconds{0};                         // delay before the first attempt
  timespan min = std::chrono::milliseconds{50};            // delay before the second; doubled each time ...
  timespan max = std::chrono::seconds{10};                 // ... up to this
  double jitter = 0.2;  // a delay is multiplied by a random factor of 1 - jitter to 1 + jitter
  timespan quiet = std::chrono::seconds{10};               // the count starts again after this long without a failure
  friend bool operator==(const backoff_policy&, const backoff_policy&) = default;
};

class backoff {
 public:
  explicit backoff(backoff_policy policy = {}) : policy_{policy} {}
  // Records a failure at `now` and returns the delay before the next attempt. A failure more than `quiet` after the
  // end of the last delay counts as the first.
  nanoseconds next(monotonic now, random_source& random);
  void reset() { failures_ = 0; }
  int failures() const { return failures_; }

 private:
  backoff_policy policy_;
  int failures_ = 0;
  monotonic resumes_{};  // end of the last delay
};

}  // namespace banyan
