// Time, as a port. Nothing in the framework reads a system clock but `system_clock()` below; everything else is handed
// a `clock`, so a plan in simulation lives in virtual time.
#pragma once

#include <banyan/core/result.hpp>

#include <chrono>
#include <compare>
#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

namespace banyan {

using nanoseconds = std::chrono::nanoseconds;
using instant = std::chrono::sys_time<nanoseconds>;                                    // wall clock, UTC
using monotonic = std::chrono::time_point<std::chrono::steady_clock, nanoseconds>;     // deadlines, waits

// A span of time in an option. It takes any std::chrono duration and refuses bare numbers: units live in types.
class timespan {
 public:
  constexpr timespan() = default;
  template <class R, class P>
  constexpr timespan(std::chrono::duration<R, P> d) : value_{std::chrono::duration_cast<nanoseconds>(d)} {}
  template <class N>
    requires std::is_arithmetic_v<N>
  constexpr timespan(N) {
    static_assert(!std::is_arithmetic_v<N>, "a duration needs a unit: write 800ms or 2s, not a bare number");
  }
  constexpr nanoseconds count() const { return value_; }
  constexpr operator nanoseconds() const { return value_; }
  friend constexpr auto operator<=>(timespan, timespan) = default;

 private:
  nanoseconds value_{0};
};

std::string to_string(timespan t);                         // "800ms", "1.5s", "10min"
result<timespan> parse_timespan(std::string_view text);    // "800ms", "1.5s", "10min", "2h", "7d"; negative refused

// "2026-01-02T03:04:05.678Z". Exact: no, 3, 6 or 9 digits after the point, as few as say it all, so that an instant that
// went through JSON equals the one that did not.
std::string to_rfc3339(instant t);
// Cut to milliseconds, and always with them: for lines that stand below each other.
std::string to_rfc3339_ms(instant t);

// RFC 3339 with its offsets; digits finer than a nanosecond are cut off, years outside 1678 to 2261 refused. The form with a
// space may leave the offset out and means UTC: "2010-12-01 08:26:00".
result<instant> parse_rfc3339(std::string_view text);

class clock {
 public:
  virtual ~clock() = default;
  virtual instant now() const = 0;
  virtual monotonic steady() const = 0;
};

const clock& system_clock();

}  // namespace banyan
