// Sums up the calls that one circuit breaker refuses, so that thousands a second are one event a second: the first one
// at once, and then, while calls are refused, one with all since the one before at most once in each `every`.
//
//   refusal_summary refusals;
//   if (const auto since = refusals.add(e.refused, e.at)) report(since);  // at each refused call
//
// No timer reports anything: refusals after the last summary are part of the next one, and of the total in the
// breaker's next event. Thread-safe, without locks: a refusal without a summary costs an atomic load.
#pragma once

#include <banyan/core/time.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>

namespace banyan {

class refusal_summary {
 public:
  explicit refusal_summary(nanoseconds every = std::chrono::seconds{1}) : every_{every} {}

  // `total`: refused calls since the breaker was made, with this one. Returns how many there were since the last
  // summary, or 0 when none is due.
  std::uint64_t add(std::uint64_t total, monotonic now) noexcept;

 private:
  const nanoseconds every_;
  std::atomic<monotonic> due_{monotonic::min()};
  std::atomic<std::uint64_t> reported_{0};
};

}  // namespace banyan
