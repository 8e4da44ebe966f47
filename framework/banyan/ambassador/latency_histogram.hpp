// A histogram of latencies in fixed memory (2 KiB): 16 buckets of equal width per power of two, from 64 ns to an
// hour. A value read from it is the middle of its bucket: at most 1/32 (3.2 %) off from 1 us to 73 minutes; below, 32
// ns.
//
//   latency_histogram h;
//   h.add(1234us);
//   nanoseconds median = h.quantile(0.5);
//
// Thread-safe: add() is one relaxed atomic addition. A reader sees each counter at some time while it reads. The
// layout is that of HdrHistogram (Tene), with fewer digits.
#pragma once

#include <banyan/core/time.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace banyan {

class latency_histogram {
 public:
  static constexpr int per_octave = 16;
  static constexpr int octaves = 33;
  static constexpr std::size_t buckets = per_octave * octaves;
  using counts = std::array<std::uint32_t, buckets>;

  void add(nanoseconds latency) { counters_[bucket_of(latency)].fetch_add(1, std::memory_order_relaxed); }
  void clear();
  void add_to(counts& sum) const;
  std::uint64_t size() const;
  nanoseconds quantile(double q) const;  // 0 when empty

  static std::size_t bucket_of(nanoseconds latency);
  static nanoseconds middle_of(std::size_t bucket);
  static nanoseconds quantile_of(const counts& c, double q);  // the value of rank ceil(q * n); 0 when all are 0

 private:
  std::array<std::atomic<std::uint32_t>, buckets> counters_{};
};

}  // namespace banyan
