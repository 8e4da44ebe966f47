// `circuit_breaker{.failure_rate = 0.5, .open_for = 5s}`: when a circuit breaker trips, how long it stays open, and how
// it recovers, as a value.
//
// A breaker refuses calls to a dependency that fails, so that its callers do not wait for it and it can recover. It
// trips when, of the last calls, at least `min_calls` were recorded and the share of failures or of slow calls has
// reached its limit. While open it refuses every call, and says for how long. Then a few probes are let through; when
// enough of them succeed it closes, and admission rises to all calls over `ramp`.
//
//   circuit_breaker by_count{.min_calls = 10, .open_for = 5s};                     // of the last 100 calls
//   circuit_breaker by_time{.window = breaker_window::time, .slow_after = 300ms};  // of the last 10 seconds
//   circuit_breaker strict{.consecutive = 5};                                      // or after 5 failures in a row
//
// Not for limiting load (a bulkhead or rate limit does that), and not for one call that fails (retry).
// After Nygard, Release It! (2007), and Netflix Hystrix; defaults and terms are close to those of resilience4j.
// The breaker itself: breaker.hpp; around a callable: guarded.hpp.
#pragma once

#include <banyan/core/error.hpp>
#include <banyan/core/time.hpp>

#include <boost/describe.hpp>

#include <cstdint>
#include <vector>

namespace banyan {

// The calls whose failures and slow calls are counted.
enum class breaker_window : std::uint8_t {
  count,  // the last `calls`
  time,   // those of the last `length`, kept in `buckets`
};
BOOST_DESCRIBE_ENUM(breaker_window, count, time)

struct circuit_breaker {
  breaker_window window = breaker_window::count;   // the calls that count: the last ones, or those of the last time
  int calls = 100;                                 // of a count window: 1 to 100,000
  timespan length = std::chrono::seconds{10};      // of a time window: 10ms to 1h
  int buckets = 10;                                // of a time window: 1 to 100; the oldest one is dropped as a whole
  int min_calls = 20;                              // fewer recorded calls never trip by a rate
  double failure_rate = 0.5;                       // trips at this share of failures or above: 0.000001 to 1
  double slow_rate = 1.0;                          // trips at this share of slow calls or above: 0.000001 to 1
  timespan slow_after = std::chrono::seconds{60};  // a call that took longer than this is slow
  int consecutive = 0;                             // trips after so many failures in a row; 0: off
  timespan open_for = std::chrono::seconds{1};     // the first time open, half longer for each failed recovery ...
  timespan open_for_at_most = std::chrono::seconds{60};  // ... up to this
  double jitter = 0.5;                                   // the time open is multiplied by 1 - jitter to 1 + jitter
  int probes = 5;                                        // calls that are let through when half open: 1 to 32
  timespan probe_limit = std::chrono::seconds{60};       // a probe not recorded by then, or by its deadline, has failed
  timespan ramp = std::chrono::seconds{2};               // from none to all calls after closing; 0s: all at once

  friend bool operator==(const circuit_breaker&, const circuit_breaker&) = default;
};

// All mistakes of the options, one error each: `invalid_argument` with the option as its `field`.
std::vector<error> check(const circuit_breaker& options);

}  // namespace banyan
