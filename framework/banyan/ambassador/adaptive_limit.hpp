// A concurrency limit that finds the capacity of what it protects, for the bulkhead of a link whose callee has no
// known limit.
//
//   adaptive_limit limit{{.max = 500}, now};
//   if (auto changed = limit.record(latency, permits.in_flight(), now)) permits.set_concurrency(*changed, now);
//
// It compares the latency of recent calls, window by window, with a baseline: what was seen while the callee had no
// queue. A queue delays every call, so only a window whose median and whose lowest tenth are both above `tolerance`
// times the baseline is taken for one, and only the third in a row counts. The limit then falls towards the
// concurrency at which the latency is 0.8 of that (in flight * 0.8 * tolerance * baseline / latency: the gradient of
// Envoy's adaptive concurrency and of Netflix' concurrency-limits), and rises again, by its square root per window,
// when it is used up and there is no queue.
//
// It never lowers concurrency to measure the baseline. A callee that is offered less than its capacity shows no
// lasting queue, so nothing is refused: a limit begins at `max` and is lowered by evidence only. (At 95 % of the
// capacity random arrivals queue for seconds; then up to a few percent are refused.) If throughput falls with
// the limit, the callee has become slower, not overloaded: the baseline follows, and the limit returns to where it
// was; so a callee that becomes slower by more than `tolerance` may have calls refused for a window or two.
//
// The baseline falls quickly and rises only when less than half of the concurrency that it was seen at is in use, or
// as above; under lasting overload it stays. A callee that is overloaded from its very first calls on shows no
// baseline, and is not limited below `max` until it was seen with less load.
//
// Thread-safe: recording is three relaxed atomic operations; one caller at the end of a window computes. No
// allocation.
#pragma once

#include <banyan/ambassador/latency_histogram.hpp>
#include <banyan/core/time.hpp>

#include <atomic>
#include <mutex>
#include <optional>

namespace banyan {

struct adaptive_limit_options {
  int min = 4;                                         // calls in flight, the least
  int max = 1000;                                      // where it begins
  double tolerance = 2.5;                              // a median latency above this many baselines means a queue
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
  // A window, as it ended.
  struct measurement {
    nanoseconds median{0};
    nanoseconds low{0};  // the lowest tenth
    int peak = 0;        // most calls in flight
    double rate = 0;     // calls per second
  };
  int conclude(const measurement& m, monotonic now);
  void learn(const measurement& m);
  bool shows_queue(const measurement& m) const;
  int at_most(double limit) const;

  const adaptive_limit_options options_;
  std::atomic<int> limit_;
  std::atomic<int> peak_{0};
  std::atomic<int> calls_{0};
  std::atomic<std::int64_t> window_ends_;
  std::atomic<std::int64_t> counts_from_{INT64_MIN};  // only calls that began since are counted
  latency_histogram window_;

  mutable std::mutex mutex_;      // for what follows: the end of a window
  measurement base_;              // latency without a queue, and the most calls in flight at which it was seen
  int queues_ = 0;                // windows with a queue, in a row
  measurement before_;            // the window for which the limit was lowered; peak 0: none is to be verified
  int limit_before_ = 0;
  int windows_since_ = 0;
  monotonic window_began_;
};

}  // namespace banyan
