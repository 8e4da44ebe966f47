// Time as a port. Only `system_clock()` below reads the system's clocks; all other code is passed a `clock`, so that
// a simulation runs in virtual time.
#pragma once

#include <banyan/core/result.hpp>

#include <chrono>
#include <compare>
#include <concepts>
#include <cstdint>
#include <ratio>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace banyan {

using nanoseconds = std::chrono::nanoseconds;
using instant = std::chrono::sys_time<nanoseconds>;                                    // wall-clock time, UTC
using monotonic = std::chrono::time_point<std::chrono::steady_clock, nanoseconds>;     // for deadlines and waits

namespace detail {

// Saturates: 2^63 ns are 292 years, hours::max() is longer.
template <class R, class P>
constexpr nanoseconds to_nanoseconds(std::chrono::duration<R, P> d) noexcept {
  if constexpr (std::is_floating_point_v<R>) {
    constexpr std::chrono::duration<R, P> longest = nanoseconds::max(), shortest = nanoseconds::min();
    if (d >= longest) return nanoseconds::max();
    if (d <= shortest) return nanoseconds::min();
    return d == d ? std::chrono::duration_cast<nanoseconds>(d) : nanoseconds{0};
  } else {
    if constexpr (std::ratio_greater_v<P, std::nano>) {
      using wide = std::chrono::duration<std::intmax_t, P>;
      if (std::cmp_greater(d.count(), std::chrono::duration_cast<wide>(nanoseconds::max()).count())) return nanoseconds::max();
      if (std::cmp_less(d.count(), std::chrono::duration_cast<wide>(nanoseconds::min()).count())) return nanoseconds::min();
    }
    return std::chrono::duration_cast<nanoseconds>(d);
  }
}

}  // namespace detail

// A duration in options. Converts from any std::chrono duration, not from a bare number. Saturates at
// timespan::max(), 292 years.
class timespan {
 public:
  constexpr timespan() = default;
  template <class R, class P>
  constexpr timespan(std::chrono::duration<R, P> d) noexcept : value_{detail::to_nanoseconds(d)} {}
  template <class N>
    requires std::is_arithmetic_v<N>
  constexpr timespan(N) {
    static_assert(!std::is_arithmetic_v<N>, "a duration needs a unit: write 800ms or 2s, not a bare number");
  }
  static constexpr timespan max() { return nanoseconds::max(); }
  constexpr nanoseconds count() const { return value_; }
  constexpr operator nanoseconds() const { return value_; }
  friend constexpr auto operator<=>(timespan, timespan) = default;

 private:
  nanoseconds value_{0};
};

// Saturating addition: a time-out may be timespan::max() ("none"), and now plus that must not overflow into the
// past.
//
//   monotonic until = add_saturating(clock.steady(), options.limit);
constexpr timespan add_saturating(timespan a, timespan b) noexcept {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a.count().count(), b.count().count(), &sum)) return b.count().count() > 0 ? nanoseconds::max() : nanoseconds::min();
  return nanoseconds{sum};
}
template <class Clock>
constexpr std::chrono::time_point<Clock, nanoseconds> add_saturating(std::chrono::time_point<Clock, nanoseconds> from, timespan by) noexcept {
  return std::chrono::time_point<Clock, nanoseconds>{add_saturating(timespan{from.time_since_epoch()}, by).count()};
}

std::string to_string(timespan t);                         // "800ms", "1.5s", "10min"
result<timespan> parse_timespan(std::string_view text);    // "800ms", "1.5s", "10min", "2h", "7d"; negative refused

// "2026-01-02T03:04:05.678Z". Exact: as few of 0, 3, 6 or 9 decimals as represent the instant, so that it survives a
// round trip.
std::string to_rfc3339(instant t);
// Always three decimals, truncated: for columns of log lines.
std::string to_rfc3339_ms(instant t);

// Parses RFC 3339. Digits beyond nanoseconds are cut off; years outside 1678 to 2261 are refused. A date and time
// separated by a space may omit the offset and then means UTC: "2010-12-01 08:26:00".
result<instant> parse_rfc3339(std::string_view text);

class clock {
 public:
  virtual ~clock() = default;
  virtual instant now() const = 0;
  virtual monotonic steady() const = 0;
};

// The clocks of the system. steady() may be 1,500 ticks of the time stamp counter behind (0.3 to 1.5 us), never ahead.
// It never goes back within a thread, and by no more than that from one thread to another, as for an actor that moves.
const clock& system_clock();

}  // namespace banyan
