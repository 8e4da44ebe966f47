// A circuit breaker in virtual time, with all events it told.
#pragma once

#include <banyan/circuit_breaker/breaker.hpp>

#include <memory>
#include <vector>

namespace banyan::test {

using namespace std::chrono_literals;

struct a_breaker {
  monotonic now{std::chrono::hours{1}};
  std::vector<breaker_event> events;
  breaker b;

  explicit a_breaker(const circuit_breaker& options, std::uint64_t seed = 1)
      : b{options, seed, [this](const breaker_event& e) { events.push_back(e); }} {}

  breaker_admission acquire(timespan limit = timespan::max()) { return b.acquire(now, add_saturating(now, limit)); }
  void record(breaker_admission a, call_outcome o) { b.record(a.permit(), o, now); }

  // A call that takes this long; false when it was refused.
  bool call(call_outcome o, nanoseconds takes = 0ns) {
    const auto a = acquire();
    if (!a) return false;
    now += takes;
    record(a, o);
    return true;
  }
  int calls(int n, call_outcome o, nanoseconds takes = 0ns) {
    int admitted = 0;
    for (int i = 0; i < n; ++i) admitted += call(o, takes);
    return admitted;
  }
  int succeed(int n, nanoseconds takes = 0ns) { return calls(n, call_outcome::success, takes); }
  int fail(int n, nanoseconds takes = 0ns) { return calls(n, call_outcome::failure, takes); }

  breaker_snapshot seen() const { return b.snapshot(now); }
  breaker_state state() const { return seen().state; }
  // To the moment when an open breaker admits its first probe.
  void advance_to_probe() { now += seen().retry_after.value().count(); }
  // Of which kind, in order, without refusals.
  std::vector<breaker_event_kind> told() const {
    std::vector<breaker_event_kind> kinds;
    for (const auto& e : events)
      if (e.kind != breaker_event_kind::refused) kinds.push_back(e.kind);
    return kinds;
  }
};

}  // namespace banyan::test
