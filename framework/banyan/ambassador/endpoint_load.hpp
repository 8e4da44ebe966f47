// The load of one endpoint as its caller sees it: the calls in flight to it, and a peak-sensitive moving average of
// its latency. The cost of sending it one more call is latency * (in flight + 1).
//
//   endpoint_load load;
//   load.begin();                   // an attempt is sent
//   load.end(latency, now);         // and has ended; or load.cancel(): it failed or was given up
//   double cost = load.cost(now);   // of one more call
//
// The average jumps to a latency above it at once, and forgets exponentially with the time, not with the number of
// calls (Finagle's peak EWMA). It also falls while nothing is sent, so that an endpoint that was slow is tried again
// after a few `decay`. An endpoint of unknown latency costs nothing while it is idle, and very much while its first
// call is under way: a new endpoint gets one call, not all of them.
//
// Failures are left to the outlier detector and breakers: an endpoint that fails quickly is ejected, or its breaker
// opens. Counted as a long latency they would send all calls to the first endpoint that recovers from a common fault.
//
// Thread-safe: one atomic word each for latency and calls. Time since the last observation is exact to 1 ms.
#pragma once

#include <banyan/core/time.hpp>

#include <atomic>
#include <cstdint>

namespace banyan {

class peak_ewma {
 public:
  explicit peak_ewma(timespan decay = std::chrono::seconds{10});
  void observe(nanoseconds latency, monotonic now);
  nanoseconds value(monotonic now) const;  // as it has decayed by now; 0: nothing observed

 private:
  // Latency in ns as a float in the upper half, time of the observation in units of 2^20 ns in the lower one.
  std::atomic<std::uint64_t> state_{0};
  double per_tick_;  // decay constant: exp(-per_tick_ * ticks)
};

class endpoint_load {
 public:
  explicit endpoint_load(timespan decay = std::chrono::seconds{10}) : latency_{decay} {}

  void begin() { in_flight_.fetch_add(1, std::memory_order_relaxed); }
  void end(nanoseconds latency, monotonic now) {
    latency_.observe(latency, now);
    cancel();
  }
  void cancel() { in_flight_.fetch_sub(1, std::memory_order_relaxed); }

  int in_flight() const { return in_flight_.load(std::memory_order_relaxed); }
  nanoseconds latency(monotonic now) const { return latency_.value(now); }
  double cost(monotonic now) const;

 private:
  peak_ewma latency_;
  std::atomic<int> in_flight_{0};
};

}  // namespace banyan
