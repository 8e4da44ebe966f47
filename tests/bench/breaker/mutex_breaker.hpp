// The reference: a circuit breaker as it is usually written, a mutex around a state and a ring of the last results. As
// correct as ours when closed and open; half open, it admits one probe.
#pragma once

#include <banyan/circuit_breaker/circuit_breaker.hpp>

#include <cstdint>
#include <mutex>
#include <vector>

namespace banyan::bench {

class mutex_breaker {
 public:
  explicit mutex_breaker(const circuit_breaker& o) : options_{o}, ring_(static_cast<std::size_t>(o.calls)) {}

  bool acquire(monotonic now) {
    const std::lock_guard hold{mutex_};
    if (!is_open_) return true;
    if (now >= until_ && !is_probing_) return is_probing_ = true;
    ++refused_;
    return false;
  }
  void record(bool failed, monotonic started, monotonic now) {
    const std::lock_guard hold{mutex_};
    if (is_probing_) {
      is_probing_ = false;
      is_open_ = failed;
      if (failed) until_ = now + options_.open_for.count();
      return;
    }
    const bool slow = now - started > options_.slow_after.count();
    auto& place = ring_[next_];
    if (calls_ == ring_.size()) {
      failures_ -= place & 1;
      slow_ -= place >> 1;
    } else {
      ++calls_;
    }
    place = static_cast<std::uint8_t>(failed | slow << 1);
    failures_ += failed;
    slow_ += slow;
    next_ = next_ + 1 == ring_.size() ? 0 : next_ + 1;
    const auto n = static_cast<double>(calls_);
    if (calls_ >= static_cast<std::size_t>(options_.min_calls) &&
        (static_cast<double>(failures_) >= options_.failure_rate * n ||
         static_cast<double>(slow_) >= options_.slow_rate * n)) {
      is_open_ = true;
      until_ = now + options_.open_for.count();
      calls_ = next_ = failures_ = slow_ = 0;
    }
  }
  std::uint64_t refused() const { return refused_; }

 private:
  circuit_breaker options_;
  std::mutex mutex_;
  std::vector<std::uint8_t> ring_;
  std::size_t next_ = 0, calls_ = 0, failures_ = 0, slow_ = 0;
  bool is_open_ = false, is_probing_ = false;
  monotonic until_{};
  std::uint64_t refused_ = 0;
};

}  // namespace banyan::bench
