// A clock that stands still until a test moves it, from any thread.
#pragma once

#include <banyan/core/time.hpp>

#include <atomic>

namespace banyan::test {

class hand_clock final : public clock {
 public:
  instant now() const override { return instant{std::chrono::hours{24 * 365 * 30}} + passed_.load(); }
  monotonic steady() const override { return monotonic{std::chrono::hours{1}} + passed_.load(); }
  void advance(nanoseconds by) { passed_ = passed_.load() + by; }

 private:
  std::atomic<nanoseconds> passed_{nanoseconds{}};
};

}  // namespace banyan::test
