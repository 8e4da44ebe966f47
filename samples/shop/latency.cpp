#include <shop/latency.hpp>

#include <algorithm>
#include <bit>
#include <cmath>

namespace shop {
namespace {

constexpr int sub_bits = 7;
constexpr std::uint64_t sub_buckets = 1u << sub_bits;
constexpr std::uint64_t largest = (std::uint64_t{1} << 62) - 1;

// Values below 128 have a bucket each; above, the seven bits after the leading one choose the bucket within the power of two.
std::size_t bucket_of(std::uint64_t value) {
  if (value < sub_buckets) return static_cast<std::size_t>(value);
  int shift = std::bit_width(value) - 1 - sub_bits;
  return static_cast<std::size_t>((static_cast<std::uint64_t>(shift) + 1) * sub_buckets + ((value >> shift) - sub_buckets));
}

std::uint64_t upper_end(std::size_t bucket) {
  if (bucket < sub_buckets) return bucket;
  auto shift = bucket / sub_buckets - 1;
  return ((sub_buckets + bucket % sub_buckets + 1) << shift) - 1;
}

}  // namespace

latency_histogram::latency_histogram() : buckets_(bucket_of(largest) + 1) {}

void latency_histogram::record(banyan::nanoseconds latency) {
  auto value = std::min(static_cast<std::uint64_t>(std::max<std::int64_t>(latency.count(), 0)), largest);
  ++buckets_[bucket_of(value)];
  ++count_;
  sum_ += static_cast<double>(value);
  max_ = std::max(max_, banyan::nanoseconds{static_cast<std::int64_t>(value)});
}

void latency_histogram::merge(const latency_histogram& other) {
  for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  max_ = std::max(max_, other.max_);
}

banyan::nanoseconds latency_histogram::mean() const {
  return banyan::nanoseconds{count_ == 0 ? 0 : std::llround(sum_ / static_cast<double>(count_))};
}

banyan::nanoseconds latency_histogram::percentile(double fraction) const {
  if (count_ == 0) return banyan::nanoseconds{0};
  auto rank = static_cast<std::uint64_t>(std::ceil(std::clamp(fraction, 0.0, 1.0) * static_cast<double>(count_)));
  rank = std::clamp<std::uint64_t>(rank, 1, count_);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= rank) return std::min(max_, banyan::nanoseconds{static_cast<std::int64_t>(upper_end(i))});
  }
  return max_;
}

}  // namespace shop
