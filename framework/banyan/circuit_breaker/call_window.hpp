// The calls that a circuit breaker judges by: how many of the last N, or of the last seconds, failed or were slow.
// Not thread-safe. Allocates when it is made, and never after.
//
// A count window keeps two bits per call. A time window keeps sums in buckets of equal length, aligned to the zero of
// the clock: it holds the present bucket and those before it, and drops the oldest one as a whole.
#pragma once

#include <banyan/circuit_breaker/circuit_breaker.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace banyan {

class call_window {
 public:
  // `lent`: 64-bit words that lend() may be asked for. The options have no mistakes.
  call_window(const circuit_breaker& options, std::size_t lent);

  // A `now` before that of an earlier call counts in the present bucket.
  void add(bool failed, bool slow, monotonic now) noexcept {
    if (width_ == 0)
      add_counted(failed, slow);
    else
      add_timed(failed, slow, now);
  }
  // Drops the buckets that are too old at `now`.
  void advance(monotonic now) noexcept {
    if (width_ != 0 && now.time_since_epoch().count() >= bucket_ends_) turn(now);
  }
  void clear() noexcept;
  // Clears the window and lends its memory, until it is cleared again.
  std::int64_t* lend() noexcept;

  std::uint64_t calls() const noexcept { return calls_; }
  std::uint64_t failures() const noexcept { return failures_; }
  std::uint64_t slow() const noexcept { return slow_; }

 private:
  struct bucket {
    std::int64_t calls, failures, slow;
  };
  static constexpr std::uint32_t calls_per_word = 32;
  static constexpr std::int64_t no_time = INT64_MIN;  // the next call begins a bucket

  void add_counted(bool failed, bool slow) noexcept;
  void add_timed(bool failed, bool slow, monotonic now) noexcept;
  void turn(monotonic now) noexcept;
  bucket at(std::uint32_t i) const noexcept;

  std::unique_ptr<std::int64_t[]> cells_;  // words of two bits per call, or three words per bucket
  std::uint64_t calls_ = 0;
  std::uint64_t failures_ = 0;
  std::uint64_t slow_ = 0;
  std::int64_t bucket_ends_ = no_time;
  std::int64_t width_;      // of a bucket in nanoseconds; 0: a count window
  std::uint32_t size_;      // in calls or buckets
  std::uint32_t head_ = 0;  // the next call, or the present bucket
};

// Two bits per call: bit 0 failed, bit 1 slow.
inline void call_window::add_counted(bool failed, bool slow) noexcept {
  auto& word = cells_[head_ / calls_per_word];
  const auto shift = head_ % calls_per_word * 2;
  const auto bits = static_cast<std::uint64_t>(word);
  if (calls_ == size_) {
    failures_ -= bits >> shift & 1;
    slow_ -= bits >> (shift + 1) & 1;
  } else {
    ++calls_;
  }
  const auto added = static_cast<std::uint64_t>(failed) | static_cast<std::uint64_t>(slow) << 1;
  word = static_cast<std::int64_t>((bits & ~(std::uint64_t{3} << shift)) | added << shift);
  failures_ += failed;
  slow_ += slow;
  if (++head_ == size_) head_ = 0;
}

inline void call_window::add_timed(bool failed, bool slow, monotonic now) noexcept {
  advance(now);
  auto* b = &cells_[head_ * 3];
  ++b[0];
  b[1] += failed;
  b[2] += slow;
  ++calls_;
  failures_ += failed;
  slow_ += slow;
}

}  // namespace banyan
