// A histogram of latencies with a fixed relative error, small enough to keep one per kind of request.
//
// Use it to record millions of durations and ask for percentiles afterwards. Not for exact sums or for values that must be told
// apart finer than 0.8 %. The layout is that of HdrHistogram (Tene, 2012): every power of two is cut into 128 equal buckets, so a
// recorded value is known to within 1/128 of itself, from 1 ns to 2^62 ns, in 57 x 128 counters.
//
//   shop::latency_histogram h;
//   h.record(3ms);
//   h.percentile(0.99);   // the smallest latency that 99 % of the recorded ones do not exceed
//
// Give it the time since a request was *meant* to start: then a stall is seen by every request that it delays, and the percentiles are
// not flattered by a client that waited politely ("coordinated omission").
#pragma once

#include <banyan/core/time.hpp>

#include <cstdint>
#include <vector>

namespace shop {

class latency_histogram {
 public:
  latency_histogram();

  void record(banyan::nanoseconds latency);  // below zero counts as zero
  void merge(const latency_histogram& other);

  std::uint64_t count() const { return count_; }
  banyan::nanoseconds max() const { return max_; }  // exact
  banyan::nanoseconds mean() const;                 // exact

  // `fraction` within [0, 1]. The upper end of the bucket that holds it, never above max(); zero when nothing was recorded.
  banyan::nanoseconds percentile(double fraction) const;

 private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  banyan::nanoseconds max_{0};
  double sum_ = 0;
};

}  // namespace shop
