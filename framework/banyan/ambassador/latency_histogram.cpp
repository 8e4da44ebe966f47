#include <banyan/ambassador/latency_histogram.hpp>

#include <algorithm>
#include <bit>
#include <cmath>

namespace banyan {

namespace {
constexpr int unit_bits = 6;  // the unit is 64 ns
}

std::size_t latency_histogram::bucket_of(nanoseconds latency) {
  const auto v = static_cast<std::uint64_t>(std::max<std::int64_t>(latency.count(), 0)) >> unit_bits;
  if (v < per_octave) return static_cast<std::size_t>(v);
  const auto shift = static_cast<std::size_t>(std::bit_width(v)) - 5;  // v >> shift is 16 to 31
  return std::min(per_octave * shift + static_cast<std::size_t>(v >> shift), buckets - 1);
}

nanoseconds latency_histogram::middle_of(std::size_t bucket) {
  const auto shift = bucket < per_octave ? 0 : bucket / per_octave - 1;
  const auto low = static_cast<std::int64_t>(bucket - per_octave * shift) << (shift + unit_bits);
  return nanoseconds{low + (std::int64_t{1} << (shift + unit_bits - 1))};
}

void latency_histogram::clear() {
  for (auto& c : counters_) c.store(0, std::memory_order_relaxed);
}

void latency_histogram::add_to(counts& sum) const {
  for (std::size_t i = 0; i < buckets; ++i) sum[i] += counters_[i].load(std::memory_order_relaxed);
}

std::uint64_t latency_histogram::size() const {
  std::uint64_t n = 0;
  for (const auto& c : counters_) n += c.load(std::memory_order_relaxed);
  return n;
}

nanoseconds latency_histogram::quantile(double q) const {
  counts c{};
  add_to(c);
  return quantile_of(c, q);
}

nanoseconds latency_histogram::quantile_of(const counts& c, double q) {
  std::uint64_t n = 0;
  for (const auto each : c) n += each;
  if (n == 0) return nanoseconds{0};
  const auto rank = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(n))), 1, n);
  std::uint64_t seen = 0;
  std::size_t i = 0;
  while ((seen += c[i]) < rank) ++i;
  return middle_of(i);
}

}  // namespace banyan
