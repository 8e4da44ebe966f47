#include <tests/framework/circuit_breaker/a_breaker.hpp>

#include <catch2/catch.hpp>

#include <type_traits>

using namespace banyan;
using namespace banyan::test;
using kind = breaker_event_kind;

static_assert(std::is_trivially_copyable_v<breaker_permit> && sizeof(breaker_permit) == 16);
static_assert(std::is_trivially_copyable_v<breaker_admission> && sizeof(breaker_admission) == 16);

TEST_CASE("a breaker trips when min_calls were recorded and the failure rate is reached, and not before", "[breaker]") {
  a_breaker t{{}};
  CHECK(t.succeed(10) == 10);
  CHECK(t.fail(9) == 9);
  CHECK(t.state() == breaker_state::closed);  // 19 calls
  CHECK(t.fail(1) == 1);
  CHECK(t.state() == breaker_state::open);  // 10 of 20: at the rate is enough
  CHECK(t.fail(1) == 0);
  REQUIRE(t.events.size() == 2);
  CHECK(t.events[0].kind == kind::tripped);
  CHECK(t.events[0].failure_rate == 0.5);
  CHECK(t.events[0].calls == 20);
  CHECK(t.events[1].kind == kind::refused);
  CHECK(t.events[1].generation == t.events[0].generation);
}

TEST_CASE("a success that completes min_calls trips the breaker too", "[breaker]") {
  a_breaker t{{}};
  t.fail(19);
  CHECK(t.state() == breaker_state::closed);
  t.succeed(1);
  CHECK(t.state() == breaker_state::open);
}

TEST_CASE("one failure below the rate does not trip", "[breaker]") {
  a_breaker t{{}};
  t.succeed(51);
  t.fail(49);
  CHECK(t.seen().calls == 100);
  CHECK(t.seen().failure_rate == Approx(0.49));
  CHECK(t.state() == breaker_state::closed);
  t.fail(1);  // in place of the oldest, a success
  CHECK(t.state() == breaker_state::open);
}

TEST_CASE("rates are compared as decimal numbers: 7 of 100 is 0.07", "[breaker]") {
  for (const int percent : {1, 7, 14, 28, 29, 55, 56, 57, 58}) {
    a_breaker t{{.min_calls = 100, .failure_rate = percent / 100.0}};
    t.succeed(100 - percent);
    t.fail(percent - 1);
    CHECK(t.state() == breaker_state::closed);
    t.fail(1);
    CHECK(t.state() == breaker_state::open);
  }
}

TEST_CASE("a count window forgets the oldest call", "[breaker]") {
  a_breaker t{{.calls = 10, .min_calls = 10, .failure_rate = 0.5}};
  t.fail(4);
  t.succeed(6);
  t.succeed(4);  // the failures have left
  CHECK(t.seen().failure_rate == 0);
  t.fail(4);
  CHECK(t.state() == breaker_state::closed);
  t.fail(1);
  CHECK(t.state() == breaker_state::open);
}

TEST_CASE("a time window forgets what is older than its length", "[breaker]") {
  a_breaker t{{.window = breaker_window::time, .min_calls = 10}};
  t.fail(9);
  t.now += 9s;
  CHECK(t.seen().calls == 9);
  t.now += 1s;
  CHECK(t.seen().calls == 0);
  t.fail(9);
  CHECK(t.state() == breaker_state::closed);
  t.now += 9'999ms;
  t.fail(1);
  CHECK(t.state() == breaker_state::open);
}

TEST_CASE("slow is strictly longer than slow_after, and slow calls alone trip", "[breaker]") {
  a_breaker t{{.min_calls = 10, .slow_rate = 0.5, .slow_after = 300ms}};
  t.succeed(20, 300ms);
  CHECK(t.seen().slow_rate == 0);
  t.succeed(19, 300ms + 1ns);
  CHECK(t.state() == breaker_state::closed);
  t.succeed(1, 300ms + 1ns);
  CHECK(t.state() == breaker_state::open);
  CHECK(t.events.front().slow_rate == 0.5);
  CHECK(t.events.front().failure_rate == 0);
}

TEST_CASE("consecutive failures trip below min_calls, and a success in between starts them again", "[breaker]") {
  a_breaker t{{.consecutive = 3}};
  t.fail(2);
  t.succeed(1);
  t.fail(2);
  t.call(call_outcome::ignored);
  CHECK(t.state() == breaker_state::closed);
  t.fail(1);
  CHECK(t.state() == breaker_state::open);
}

TEST_CASE("an ignored result changes no statistic", "[breaker]") {
  a_breaker t{{.min_calls = 2}};
  t.fail(1);
  t.calls(50, call_outcome::ignored, 2min);
  CHECK(t.seen().calls == 1);
  CHECK(t.state() == breaker_state::closed);
}

TEST_CASE("a refusal is unavailable, circuit_open, not applied, and has the exact wait", "[breaker]") {
  a_breaker t{{.min_calls = 1, .open_for = 1500us, .open_for_at_most = 1h, .jitter = 0}};
  t.fail(1);
  const auto opened = t.now;
  t.now += 300us;
  const auto refused = t.acquire();
  REQUIRE_FALSE(refused);
  CHECK(refused.retry_at() == opened + 1500us);
  const auto e = refused.refusal(t.now);
  CHECK(e.code == code::unavailable);
  CHECK(e.reason == "circuit_open");
  CHECK(e.outcome == outcome::not_applied);
  CHECK(e.retry_after == 2ms);  // 1.2 ms, in whole milliseconds that are enough
  CHECK(e.message == "the circuit breaker is open, retry after 2ms");
  t.now = refused.retry_at() - 1ns;
  CHECK_FALSE(t.acquire());
  t.now = refused.retry_at();
  CHECK(t.acquire());
}

TEST_CASE("results of calls that began before the breaker tripped change nothing", "[breaker]") {
  a_breaker t{{.min_calls = 4, .jitter = 0}};
  std::vector<breaker_admission> early;
  for (int i = 0; i < 40; ++i) early.push_back(t.acquire());
  t.fail(4);
  REQUIRE(t.state() == breaker_state::open);
  for (int i = 0; i < 10; ++i) t.record(early[i], call_outcome::success);
  CHECK(t.state() == breaker_state::open);
  CHECK(t.seen().calls == 4);
  t.advance_to_probe();
  const auto probe = t.acquire();
  REQUIRE(probe);
  for (int i = 10; i < 20; ++i) t.record(early[i], call_outcome::success);
  for (int i = 20; i < 30; ++i) t.record(early[i], call_outcome::failure);
  CHECK(t.state() == breaker_state::half_open);
  CHECK(t.seen().calls == 0);
  t.record(probe, call_outcome::success);
  t.succeed(2);
  REQUIRE(t.state() == breaker_state::closed);
  for (int i = 30; i < 40; ++i) t.record(early[i], call_outcome::failure);
  CHECK(t.seen().calls == 0);
}

TEST_CASE("a permit that was never acquired is of no generation", "[breaker]") {
  a_breaker t{{.min_calls = 1}};
  t.b.record(breaker_permit{}, call_outcome::failure, t.now);
  CHECK(t.seen().calls == 0);
}

TEST_CASE("a breaker is not made of options with mistakes", "[breaker]") {
  CHECK_THROWS_WITH((breaker{{.window = breaker_window::time, .buckets = 0}}),
                    "circuit_breaker: invalid_argument at buckets: expected a whole number from 1 to 100, found 0");
}
