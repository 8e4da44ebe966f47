#include <tests/framework/circuit_breaker/a_breaker.hpp>

#include <banyan/core/json.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::test;
using kind = breaker_event_kind;

namespace {

constexpr circuit_breaker ramped{.min_calls = 1, .jitter = 0, .ramp = 2s};

}  // namespace

TEST_CASE("forced open refuses every call, without a wait, until probes decide", "[breaker]") {
  a_breaker t{ramped};
  const auto before = t.acquire();
  t.b.force(breaker_override::forced_open, t.now);
  t.now += 1000h;
  CHECK(t.succeed(10) == 0);
  const auto e = t.acquire().refusal(t.now);
  CHECK(e.reason == "circuit_open");
  CHECK_FALSE(e.retry_after);
  CHECK(e.message == "the circuit breaker was opened by an operator");
  t.record(before, call_outcome::failure);
  CHECK(t.seen().forced == breaker_override::forced_open);
  CHECK(t.seen().admitted == 0);
  CHECK(t.seen().refused == 11);
  t.b.force(breaker_override::none, t.now);
  CHECK(t.state() == breaker_state::half_open);
  CHECK(t.succeed(3) == 3);
  CHECK(t.state() == breaker_state::closed);
  CHECK(t.told() == std::vector{kind::forced, kind::forced, kind::recovered});
}

TEST_CASE("forced closed admits every call and counts nothing", "[breaker]") {
  a_breaker t{ramped};
  t.fail(1);
  REQUIRE(t.state() == breaker_state::open);
  t.b.force(breaker_override::forced_closed, t.now);
  CHECK(t.fail(100, 2min) == 100);
  CHECK(t.seen().calls == 0);
  t.b.force(breaker_override::none, t.now);
  CHECK(t.state() == breaker_state::closed);
  CHECK(t.seen().admitted == 1);
  t.fail(1);
  CHECK(t.state() == breaker_state::open);
  CHECK(t.seen().retry_after == timespan{1s});
}

TEST_CASE("observe only admits every call, counts, and tells once when it would have tripped", "[breaker]") {
  a_breaker t{{.calls = 10, .min_calls = 10}};
  t.b.force(breaker_override::observe_only, t.now);
  t.events.clear();
  CHECK(t.fail(30) == 30);
  CHECK(t.told() == std::vector{kind::would_trip});
  CHECK(t.events.back().failure_rate == 1);
  CHECK(t.seen().failure_rate == 1);
  CHECK(t.seen().trips == 0);
  t.succeed(10);
  t.fail(10);
  CHECK(t.told() == std::vector{kind::would_trip, kind::would_trip});
  t.b.force(breaker_override::none, t.now);
  CHECK(t.seen().calls == 0);
  t.fail(10);
  CHECK(t.state() == breaker_state::open);
}

TEST_CASE("an override that is set already changes nothing", "[breaker]") {
  a_breaker t{ramped};
  t.b.force(breaker_override::observe_only, t.now);
  const auto a = t.acquire();
  t.b.force(breaker_override::observe_only, t.now);
  t.record(a, call_outcome::failure);
  CHECK(t.seen().calls == 1);
  CHECK(t.told() == std::vector{kind::forced, kind::would_trip});
}

TEST_CASE("a probe from before an override changes nothing after it", "[breaker]") {
  auto options = ramped;
  options.probes = 1;
  a_breaker t{options};
  t.fail(1);
  t.advance_to_probe();
  const auto probe = t.acquire();
  t.b.force(breaker_override::forced_open, t.now);
  t.b.force(breaker_override::none, t.now);
  t.record(probe, call_outcome::failure);
  CHECK(t.state() == breaker_state::half_open);
  t.succeed(1);
  CHECK(t.state() == breaker_state::closed);
}

TEST_CASE("events come in order with rising generations, and describe the state after them", "[breaker]") {
  a_breaker t{ramped};
  t.fail(1);
  t.fail(1);
  t.advance_to_probe();
  t.succeed(3);
  REQUIRE(t.events.size() == 4);
  const std::vector kinds{kind::tripped, kind::refused, kind::probing, kind::recovered};
  const std::vector states{breaker_state::open, breaker_state::open, breaker_state::half_open, breaker_state::closed};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(t.events[i].kind == kinds[i]);
    CHECK(t.events[i].state == states[i]);
    CHECK((i == 0 || t.events[i].generation == t.events[i - 1].generation + (i != 1)));
  }
  CHECK(t.events[0].retry_at == t.events[0].at + 1s);
  CHECK(t.events[1].retry_at == t.events[0].retry_at);
  CHECK(t.seen().trips == 1);
  CHECK(t.seen().refused == 1);
}

TEST_CASE("a listener may call the breaker", "[breaker]") {
  breaker* self = nullptr;
  std::vector<breaker_state> seen;
  breaker b{ramped, 1, [&](const breaker_event& e) { seen.push_back(self->snapshot(e.at).state); }};
  self = &b;
  const monotonic now{1s};
  b.record(b.acquire(now).permit(), call_outcome::failure, now);
  CHECK_FALSE(b.acquire(now));
  CHECK(seen == std::vector{breaker_state::open, breaker_state::open});
}

TEST_CASE("an exported state goes on in another breaker, on another clock", "[breaker]") {
  a_breaker from{ramped}, to{ramped};
  to.now += 77h;
  SECTION("open, with its wait and its back-off") {
    from.fail(1);
    from.advance_to_probe();
    from.fail(3);
    from.now += 500ms;
    const auto state = from_json<exported_breaker>(to_json(from.b.export_state(from.now)));
    REQUIRE(state);
    CHECK(*state == exported_breaker{.state = breaker_state::open, .openings = 2, .remaining = 1000ms});
    REQUIRE(to.b.restore(*state, to.now));
    CHECK(to.acquire().retry_at() == to.now + 1000ms);
    to.advance_to_probe();
    to.fail(3);
    CHECK(to.seen().retry_after == timespan{2250ms});
  }
  SECTION("half open, as open for no longer: its probes were another's") {
    from.fail(1);
    from.advance_to_probe();
    for (int i = 0; i < 5; ++i) CHECK(from.acquire());
    REQUIRE(to.b.restore(from.b.export_state(from.now), to.now));
    CHECK(to.succeed(3) == 3);
    CHECK(to.state() == breaker_state::closed);
  }
  SECTION("closed, with what is left of the ramp") {
    from.fail(1);
    from.advance_to_probe();
    from.succeed(3);
    from.now += 500ms;
    CHECK(from.b.export_state(from.now) == exported_breaker{.openings = 1, .remaining = 1500ms});
    REQUIRE(to.b.restore(from.b.export_state(from.now), to.now));
    CHECK(to.seen().admitted == Approx(0.25));
    to.now += 1500ms;
    CHECK(to.succeed(10) == 10);
    CHECK(to.b.export_state(to.now) == exported_breaker{});
  }
  SECTION("an override") {
    from.b.force(breaker_override::forced_open, from.now);
    REQUIRE(to.b.restore(from.b.export_state(from.now), to.now));
    CHECK_FALSE(to.acquire());
    CHECK(to.seen().forced == breaker_override::forced_open);
  }
}

TEST_CASE("a restored breaker does not take results of calls from before", "[breaker]") {
  a_breaker t{ramped};
  const auto a = t.acquire();
  REQUIRE(t.b.restore({}, t.now));
  t.record(a, call_outcome::failure);
  CHECK(t.state() == breaker_state::closed);
  CHECK(t.told() == std::vector{kind::restored});
}

TEST_CASE("a state that the options could not have led to is refused, and changes nothing", "[breaker]") {
  a_breaker t{ramped};
  const auto a = t.acquire();
  const auto refused = [&](exported_breaker s, std::string field) {
    const auto r = t.b.restore(s, t.now);
    return !r && r.error().code == code::invalid_argument && r.error().field == field;
  };
  CHECK(refused({.state = static_cast<breaker_state>(3)}, "state"));
  CHECK(refused({.forced = static_cast<breaker_override>(4)}, "forced"));
  CHECK(refused({.openings = -1}, "openings"));
  CHECK(refused({.state = breaker_state::open, .remaining = -1ns}, "remaining"));
  CHECK(refused({.state = breaker_state::open, .remaining = 61s}, "remaining"));
  CHECK(refused({.remaining = 3s}, "remaining"));
  t.record(a, call_outcome::failure);
  CHECK(t.state() == breaker_state::open);  // the permit is still of the present generation
  CHECK(t.told() == std::vector{kind::tripped});
}
