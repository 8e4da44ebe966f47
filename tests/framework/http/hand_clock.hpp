// A clock that stands still until a test moves it, from any thread.
#pragma once

#include <banyan/core/time.hpp>

#include <atomic>

namespace banyan::test {

class hand_clock final : public clock {
 public:
  instant now() const override {
    ++asked_;
    return instant{std::chrono::hours{24 * 365 * 30}} + passed_.load();
  }
  monotonic steady() const override { return monotonic{std::chrono::hours{1}} + passed_.load(); }
  void advance(nanoseconds by) { passed_ = passed_.load() + by; }
  // How often the date was asked for: a server does in each of its ticks, and nowhere else.
  int asked() const { return asked_; }

 private:
  std::atomic<nanoseconds> passed_{nanoseconds{}};
  mutable std::atomic<int> asked_{0};
};

}  // namespace banyan::test
