// A concurrency limit that finds the capacity of what it protects, for the bulkhead of a link whose callee has no
// known limit.
//
//   adaptive_limit limit{{.max = 500}, now};
//   if (auto changed = limit.record(latency, bulkhead.in_flight(), now)) bulkhead.set_concurrency(*changed, now);
//
// It compares the median latency of recent calls with a baseline, the low end of what was seen while the callee had
// no queue. Only a latency of `tolerance` times the baseline, in two windows in a row, is taken for a queue; the
// limit then falls towards the concurrency at which the callee works without one (in flight * baseline / latency, as
// in Envoy's gradient controller and Netflix' concurrency-limits), and rises again when it is used and there is no
// queue.
//
// What it does not do: it never lowers concurrency to measure the baseline. A callee that is offered less than its
// capacity shows no queue, so the limit stays above what is in flight, and nothing is refused. A limit begins at
// `max` and is lowered by evidence. If latency does not fall with the limit, the callee has become slower, not
// overloaded: the baseline follows, and the limit returns.
//
// Thread-safe: recording is a few relaxed atomic additions; one caller at the end of a window computes. No
// allocation.
#pragma once

#include <banyan/ambassador/latency_histogram.hpp>
#include <banyan/core/time.hpp>

#include <array>
#include <atomic>
#include <mutex>
#include <optional>

namespace banyan {

struct adaptive_limit_options {
  int min = 4;
  int max = 1000;
  double tolerance = 2.0;                              // a median latency above this many baselines means a queue
  timespan window = std::chrono::milliseconds{500};    // of one measurement, at least
  int min_calls = 100;                                 // ... and with at least so many calls
  friend bool operator==(const adaptive_limit_options&, const adaptive_limit_options&) = default;
};

class adaptive_limit {
 public:
  adaptive_limit(adaptive_limit_options options, monotonic now);

  // Records a call that ended by the callee's answer, while `in_flight` calls were under way. Returns the limit if
  // this changed it.
  std::optional<int> record(nanoseconds latency, int in_flight, monotonic now);
  int limit() const { return limit_.load(std::memory_order_relaxed); }
  nanoseconds baseline() const;  // 0: not yet known

 private:
  struct measurement {
    nanoseconds median{0};
    int peak = 0;  // most calls in flight
  };
  std::optional<int> conclude(monotonic now);
  void learn(const measurement& m);
  int next_limit(const measurement& m);

  const adaptive_limit_options options_;
  std::atomic<int> limit_;
  std::atomic<int> peak_{0};
  std::atomic<int> calls_{0};
  std::atomic<std::int64_t> window_ends_;
  latency_histogram window_;

  mutable std::mutex mutex_;  // for what follows: the end of a window
  static constexpr int remembered = 32;
  std::array<nanoseconds, remembered> quiet_medians_{};  // of windows without a queue
  int quiet_count_ = 0;
  int queue_windows_ = 0;            // with a queue, in a row
  measurement before_;               // when the limit began to fall
};

}  // namespace banyan
