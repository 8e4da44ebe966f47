// Exponential back-off with jitter, pure: how long to wait before the n-th attempt in a row. Used for restarts, retries and reconnects.
// "Full jitter" after Brooker, Exponential Backoff And Jitter (AWS, 2015), bounded below so that a wait is a wait.
#pragma once

#include <banyan/core/ids.hpp>
#include <banyan/core/time.hpp>

namespace banyan {

struct backoff_policy {
  timespan first = nanoseconds{0};                         // before the first restart
  timespan min = std::chrono::milliseconds{50};            // then doubled each time ...
  timespan max = std::chrono::seconds{10};                 // ... up to here
  double jitter = 0.2;                                     // each wait is drawn from [1 - jitter, 1 + jitter] of its nominal length
  timespan quiet = std::chrono::seconds{10};               // this long without a failure starts over
  friend bool operator==(const backoff_policy&, const backoff_policy&) = default;
};

class backoff {
 public:
  explicit backoff(backoff_policy policy = {}) : policy_{policy} {}
  // A failure happened now: how long to wait before trying again. A failure after `quiet` since the last attempt counts as the first.
  nanoseconds next(monotonic now, random_source& random);
  void reset() { failures_ = 0; }
  int failures() const { return failures_; }

 private:
  backoff_policy policy_;
  int failures_ = 0;
  monotonic resumes_{};  // when the last wait ends
};

}  // namespace banyan
