#include <tests/framework/circuit_breaker/a_breaker.hpp>

#include <catch2/catch.hpp>

#include <cmath>

using namespace banyan;
using namespace banyan::test;
using kind = breaker_event_kind;

namespace {

// Trips at the first failure, and waits until probes are admitted.
a_breaker& trip(a_breaker& t) {
  t.fail(1);
  t.advance_to_probe();
  return t;
}
constexpr circuit_breaker quick{.min_calls = 1, .jitter = 0, .ramp = 0s};

}  // namespace

TEST_CASE("the time open grows by a half with each failed recovery up to its limit, and starts again after one",
          "[breaker]") {
  a_breaker t{quick};
  t.fail(1);
  for (const double expected : {1.0, 1.5, 2.25, 3.375, 5.0625, 7.59375, 11.390625, 17.0859, 25.6289, 38.4434, 57.665,
                                60.0, 60.0}) {
    CHECK(std::chrono::duration<double>(t.seen().retry_after->count()).count() == Approx(expected).epsilon(1e-5));
    t.advance_to_probe();
    t.fail(3);
    REQUIRE(t.state() == breaker_state::open);
  }
  t.advance_to_probe();
  t.succeed(3);
  REQUIRE(t.state() == breaker_state::closed);
  t.fail(1);
  CHECK(t.seen().retry_after == timespan{1s});
}

TEST_CASE("a breaker that trips during its ramp stays open longer, after it starts again", "[breaker]") {
  auto options = quick;
  options.ramp = 2s;
  for (const bool sustained : {false, true}) {
    a_breaker t{options};
    trip(t).succeed(3);
    REQUIRE(t.state() == breaker_state::closed);
    t.now += sustained ? 2s : 1900ms;
    while (t.state() == breaker_state::closed) t.fail(1);
    CHECK(t.seen().retry_after == timespan{sustained ? 1s : 1500ms});
  }
}

TEST_CASE("jitter spreads the time open evenly over its bounds, by the seed", "[breaker]") {
  auto options = quick;
  options.jitter = 0.2;
  const auto opened_for = [&](std::uint64_t seed) {
    a_breaker t{options, seed};
    t.fail(1);
    return t.seen().retry_after->count();
  };
  nanoseconds sum{0}, least = 1h, most{0};
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const auto d = opened_for(seed);
    CHECK(d == opened_for(seed));
    sum += d;
    least = std::min(least, d);
    most = std::max(most, d);
  }
  CHECK(least >= 800ms);
  CHECK(least < 802ms);
  CHECK(most <= 1200ms);
  CHECK(most > 1198ms);
  CHECK(std::abs((sum / 1000 - 1s).count()) < std::chrono::nanoseconds{12ms}.count());
}

TEST_CASE("half open admits as many calls as it has probes", "[breaker]") {
  a_breaker t{quick};
  trip(t);
  std::vector<breaker_admission> probes;
  for (int i = 0; i < 5; ++i) {
    probes.push_back(t.acquire(1s));
    CHECK(probes.back());
  }
  const auto sixth = t.acquire();
  REQUIRE_FALSE(sixth);
  CHECK(sixth.retry_at() == t.now + 1s);  // the lease of a probe ends then
  t.record(probes[0], call_outcome::success);
  CHECK_FALSE(t.acquire());  // a counted probe does not make room
  CHECK(t.told() == std::vector{kind::tripped, kind::probing});
}

TEST_CASE("the verdict is given as soon as it is certain", "[breaker]") {
  a_breaker t{quick};
  SECTION("closes after three successes of five probes") {
    trip(t).succeed(2);
    CHECK(t.state() == breaker_state::half_open);
    t.succeed(1);
    CHECK(t.state() == breaker_state::closed);
    CHECK(t.told().back() == kind::recovered);
    CHECK(t.events.back().calls == 3);
  }
  SECTION("opens after three failures of five probes") {
    trip(t).fail(2);
    CHECK(t.state() == breaker_state::half_open);
    t.fail(1);
    CHECK(t.state() == breaker_state::open);
    CHECK(t.told().back() == kind::tripped);
    CHECK(t.events.back().failure_rate == 1);
  }
  SECTION("is open to the last probe when results are mixed") {
    trip(t).succeed(2);
    t.fail(2);
    CHECK(t.state() == breaker_state::half_open);
    t.succeed(1);
    CHECK(t.state() == breaker_state::closed);
  }
}

TEST_CASE("slow probes decide as failures do", "[breaker]") {
  auto options = quick;
  options.slow_rate = 0.4;  // two of five
  options.slow_after = 1s;
  a_breaker t{options};
  trip(t).succeed(3);
  CHECK(t.state() == breaker_state::half_open);  // both of the others may be slow
  t.succeed(1, 2s);
  CHECK(t.state() == breaker_state::half_open);
  t.succeed(1, 2s);
  CHECK(t.state() == breaker_state::open);
}

TEST_CASE("an ignored probe gives its place back", "[breaker]") {
  a_breaker t{quick};
  trip(t);
  for (int round = 0; round < 100; ++round) {
    std::vector<breaker_admission> probes;
    while (auto a = t.acquire()) probes.push_back(a);
    CHECK(probes.size() == 5);
    for (auto a : probes) t.record(a, call_outcome::ignored);
  }
  CHECK(t.state() == breaker_state::half_open);
  t.succeed(3);
  CHECK(t.state() == breaker_state::closed);
}

TEST_CASE("lost probes fail at their deadline, without which the breaker would stay half open", "[breaker]") {
  a_breaker t{quick};
  trip(t);
  for (int i = 0; i < 5; ++i) CHECK(t.acquire(800ms));
  t.now += 800ms - 1ns;
  CHECK_FALSE(t.acquire());
  CHECK(t.state() == breaker_state::half_open);
  t.now += 1ns;
  const auto refused = t.acquire();
  REQUIRE_FALSE(refused);
  CHECK(t.state() == breaker_state::open);
  CHECK(refused.retry_at() == t.now + 1500ms);
}

TEST_CASE("lost probes that leave no room for a failing rate close the breaker", "[breaker]") {
  auto options = quick;
  options.failure_rate = 1;
  options.slow_rate = 0.4;  // two of five
  a_breaker t{options};
  trip(t).succeed(2);
  CHECK(t.acquire(1s));
  CHECK(t.acquire(1s));
  CHECK(t.state() == breaker_state::half_open);  // three may be slow
  t.now += 1s;
  CHECK(t.acquire());
  CHECK(t.state() == breaker_state::closed);
}

TEST_CASE("a probe without a deadline has probe_limit", "[breaker]") {
  auto options = quick;
  options.probes = 1;
  options.probe_limit = 30s;
  a_breaker t{options};
  trip(t);
  REQUIRE(t.acquire());
  CHECK(t.acquire().retry_at() == t.now + 30s);
  t.now += 30s;
  CHECK_FALSE(t.acquire());
  CHECK(t.state() == breaker_state::open);
}

TEST_CASE("a probe's result or cancellation after its deadline is a failure", "[breaker]") {
  auto options = quick;
  options.probes = 1;
  for (const auto late : {call_outcome::success, call_outcome::ignored, call_outcome::failure}) {
    a_breaker t{options};
    const auto probe = trip(t).acquire(1s);
    t.now += 1s;
    t.record(probe, late);
    CHECK(t.state() == breaker_state::open);
  }
  a_breaker t{options};
  const auto probe = trip(t).acquire(1s);
  t.now += 1s - 1ns;
  t.record(probe, call_outcome::success);
  CHECK(t.state() == breaker_state::closed);
}

TEST_CASE("a call whose deadline has passed is no probe", "[breaker]") {
  a_breaker t{quick};
  trip(t);
  CHECK_FALSE(t.b.acquire(t.now, t.now));
  CHECK_FALSE(t.b.acquire(t.now, t.now - 1s));
  CHECK(t.succeed(3) == 3);
  CHECK(t.state() == breaker_state::closed);
}

TEST_CASE("a result recorded twice counts once while half open", "[breaker]") {
  a_breaker t{quick};
  const auto probe = trip(t).acquire();
  for (int i = 0; i < 5; ++i) t.record(probe, call_outcome::failure);
  CHECK(t.state() == breaker_state::half_open);
  CHECK(t.seen().calls == 1);
}

TEST_CASE("admission rises evenly from none to all over the ramp", "[breaker]") {
  auto options = quick;
  options.ramp = 2s;
  a_breaker t{options, 7};
  trip(t).succeed(3);
  const auto closed = t.now;
  for (int tenth = 0; tenth < 10; ++tenth) {
    int admitted = 0;
    for (int i = 0; i < 1000; ++i) {
      t.now = closed + tenth * 200ms + i * 200us;
      const auto a = t.acquire();
      if (a) {
        ++admitted;
      } else {
        CHECK(a.retry_at() > t.now);
        CHECK(a.retry_at() <= closed + 2s);
      }
    }
    CHECK(std::abs(admitted - (tenth * 100 + 50)) < 50);
    CHECK(t.seen().admitted == Approx((tenth + 1) * 0.1).margin(0.001));
  }
  t.now = closed + 2s;
  CHECK(t.succeed(1000) == 1000);
  CHECK(t.seen().admitted == 1);
}

TEST_CASE("a breaker that is woken probes at once, and one that is not open does nothing", "[breaker]") {
  a_breaker t{quick};
  t.b.wake(t.now);
  CHECK(t.state() == breaker_state::closed);
  t.fail(1);
  t.b.wake(t.now);
  CHECK(t.seen().retry_after == timespan{0s});
  t.fail(3);
  CHECK(t.state() == breaker_state::open);
  CHECK(t.seen().retry_after == timespan{1500ms});  // as after any failed recovery
  t.advance_to_probe();
  t.succeed(1);
  t.b.wake(t.now);
  CHECK(t.state() == breaker_state::half_open);
  t.b.force(breaker_override::forced_open, t.now);
  t.b.wake(t.now);
  CHECK_FALSE(t.acquire());
}

TEST_CASE("the result that closes a breaker is told to the one who records it", "[breaker]") {
  a_breaker t{quick};
  trip(t);
  std::vector<bool> told;
  for (int i = 0; i < 4; ++i) told.push_back(t.b.record(t.acquire().permit(), call_outcome::success, t.now));
  CHECK(told == std::vector{false, false, true, false});
}

TEST_CASE("refusals of the ramp are spread over what is left of it", "[breaker]") {
  auto options = quick;
  options.ramp = 2s;
  a_breaker t{options, 3};
  trip(t).succeed(3);
  const auto closed = t.now;
  int early = 0;
  for (int i = 0; i < 1000; ++i) early += t.acquire().retry_at() < closed + 1s;
  CHECK(std::abs(early - 500) < 50);
}

TEST_CASE("two breakers of one seed and one schedule do the same, of two seeds not", "[breaker]") {
  const auto admitted = [](std::uint64_t seed) {
    auto options = quick;
    options.ramp = 2s;
    options.jitter = 0.2;
    a_breaker t{options, seed};
    trip(t).succeed(3);
    std::vector<bool> all;
    for (int i = 0; i < 200; ++i) {
      t.now += 5ms;
      all.push_back(static_cast<bool>(t.acquire()));
    }
    return all;
  };
  CHECK(admitted(1) == admitted(1));
  CHECK(admitted(1) != admitted(2));
}
