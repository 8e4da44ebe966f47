// A discrete-event model in virtual time: things happen at given times, in order; those of equal times, in the order in
// which they were asked for.
//
//   virtual_time world;
//   world.at(start + 5ms, [&] { ... });
//   world.run_until(start + 1h);
#pragma once

#include <banyan/core/ids.hpp>
#include <banyan/core/time.hpp>

#include <cmath>
#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

namespace banyan::test {

inline constexpr monotonic start{std::chrono::hours{1}};

class virtual_time {
 public:
  monotonic now() const { return now_; }
  void at(monotonic when, std::function<void()> what) { events_.push({when, next_++, std::move(what)}); }
  void after(nanoseconds wait, std::function<void()> what) { at(now_ + wait, std::move(what)); }
  void run_until(monotonic end) {
    while (!events_.empty() && events_.top().when <= end) {
      auto what = std::move(const_cast<event&>(events_.top()).what);
      now_ = events_.top().when;
      events_.pop();
      what();
    }
    now_ = end;
  }

 private:
  struct event {
    monotonic when;
    std::uint64_t number;
    std::function<void()> what;
    bool operator<(const event& other) const {
      return when != other.when ? when > other.when : number > other.number;
    }
  };
  std::priority_queue<event> events_;
  std::uint64_t next_ = 0;
  monotonic now_ = start;
};

inline double uniform(random_source& random) { return static_cast<double>(random.next() >> 11) * 0x1.0p-53; }
inline nanoseconds exponential(random_source& random, nanoseconds mean) {
  return nanoseconds{static_cast<std::int64_t>(-std::log1p(-uniform(random)) * static_cast<double>(mean.count()))};
}
// By mean and by sigma of the logarithm.
inline nanoseconds lognormal(random_source& random, nanoseconds mean, double sigma) {
  const double radius = std::sqrt(-2 * std::log1p(-uniform(random)));
  const double normal = radius * std::cos(6.283185307179586 * uniform(random));
  const double scale = static_cast<double>(mean.count()) * std::exp(-sigma * sigma / 2);
  return nanoseconds{static_cast<std::int64_t>(scale * std::exp(sigma * normal))};
}

}  // namespace banyan::test
