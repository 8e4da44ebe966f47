// The observed quantile of latency over a sliding window, for the delay of a hedged request: cheap to update and to
// read on every call.
//
//   latency_quantile p95{{.quantile = 0.95}, now};
//   p95.record(latency, now);
//   std::optional<nanoseconds> wait = p95.value(now);   // none before `min_calls` were seen
//
// Two halves of a histogram (latency_histogram.hpp), cleared in turn: a value is of the last half to whole window. It
// is computed when it is read, at most 64 times per window; in between the last one is returned. Error: 3.2 % of the
// exact quantile of those calls.
//
// Thread-safe, 5 KiB, no allocation.
#pragma once

#include <banyan/ambassador/latency_histogram.hpp>
#include <banyan/core/time.hpp>

#include <atomic>
#include <mutex>
#include <optional>

namespace banyan {

struct latency_quantile_options {
  double quantile = 0.95;
  timespan window = std::chrono::seconds{20};
  int min_calls = 50;  // in the window; with fewer there is no value
  friend bool operator==(const latency_quantile_options&, const latency_quantile_options&) = default;
};

class latency_quantile {
 public:
  latency_quantile(latency_quantile_options options, monotonic now);

  void record(nanoseconds latency, monotonic now);
  std::optional<nanoseconds> value(monotonic now) const;

 private:
  void rotate(monotonic now) const;
  void compute(monotonic now) const;

  const latency_quantile_options options_;
  mutable latency_histogram halves_[2];
  mutable std::atomic<int> current_{0};
  mutable std::atomic<std::int64_t> half_ends_;
  mutable std::atomic<std::int64_t> compute_at_{0};
  mutable std::atomic<std::int64_t> value_{0};  // 0: none
  mutable std::mutex mutex_;
};

}  // namespace banyan
