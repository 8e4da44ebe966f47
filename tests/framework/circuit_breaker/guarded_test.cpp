#include <tests/framework/circuit_breaker/hand_clock.hpp>

#include <banyan/circuit_breaker/guarded.hpp>

#include <catch2/catch.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

struct a_guard {
  hand_clock time;
  breaker valve{{.calls = 4, .min_calls = 4, .jitter = 0}};
  std::uint64_t calls() { return valve.snapshot(time.time).calls; }
  breaker_state state() { return valve.snapshot(time.time).state; }
  double failures() { return valve.snapshot(time.time).failure_rate * static_cast<double>(calls()); }
};

}  // namespace

TEST_CASE("a guarded function returns what it returns, until the breaker refuses it", "[breaker]") {
  a_guard t;
  int ran = 0;
  bool works = true;
  auto twice = guard(t.valve, t.time, [&](int x) -> result<int> {
    ++ran;
    if (!works) return error{code::unavailable, "down", outcome::unknown};
    return 2 * x;
  });
  CHECK(twice(4) == result<int>{8});
  works = false;
  for (int i = 0; i < 3; ++i) {
    const auto r = twice(4);
    REQUIRE_FALSE(r);
    CHECK(r.error().message == "down");
    CHECK(r.error().outcome == outcome::unknown);
  }
  CHECK(ran == 4);
  const auto refused = twice(4);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == circuit_open);
  CHECK(refused.error().retry_after == 1s);
  CHECK(refused.error().outcome == outcome::not_applied);
  CHECK(ran == 4);
}

TEST_CASE("an exception is a failure and leaves the call; a plain value becomes a result", "[breaker]") {
  a_guard t;
  auto parse = guard(t.valve, t.time, [](const std::string& s) { return std::stoi(s); });
  static_assert(std::is_same_v<decltype(parse("1")), result<int>>);
  CHECK(parse("17") == result<int>{17});
  for (int i = 0; i < 3; ++i) CHECK_THROWS_AS(parse("x"), std::invalid_argument);
  CHECK(t.state() == breaker_state::open);
  CHECK(parse("17").error().reason == circuit_open);
}

TEST_CASE("a function without a value becomes result<void>, and values that only move are moved", "[breaker]") {
  a_guard t;
  int ran = 0;
  auto run = guard(t.valve, t.time, [&] { ++ran; });
  static_assert(std::is_same_v<decltype(run()), result<void>>);
  CHECK(run());
  CHECK(ran == 1);
  auto box = guard(t.valve, t.time, [](std::unique_ptr<int> p) -> result<std::unique_ptr<int>> { return p; });
  const auto r = box(std::make_unique<int>(5));
  REQUIRE(r);
  CHECK(**r == 5);
}

TEST_CASE("errors that are answers of a working dependency are successes", "[breaker]") {
  using enum code;
  for (auto c : {invalid_argument, not_found, conflict, refused, unauthenticated, forbidden, unimplemented})
    CHECK(outcome_of(error{c, ""}) == call_outcome::success);
  for (auto c : {unavailable, deadline_exceeded, exhausted, corrupt, internal})
    CHECK(outcome_of(error{c, ""}) == call_outcome::failure);
  CHECK(outcome_of(error{unavailable, ""}.because("circuit_open")) == call_outcome::ignored);
}

TEST_CASE("the refusal of an inner breaker does not trip the outer one", "[breaker]") {
  a_guard outer, inner;
  auto call = guard(outer.valve, outer.time, guard(inner.valve, inner.time, [] {
                      return result<int>{error{code::internal, ""}};
                    }));
  for (int i = 0; i < 3; ++i) CHECK_FALSE(call());
  inner.valve.force(breaker_override::forced_open, inner.time.time);
  for (int i = 0; i < 20; ++i) CHECK_FALSE(call());
  CHECK(outer.calls() == 3);
  CHECK(outer.state() == breaker_state::closed);
}

TEST_CASE("what counts is declared: by the value, by the exception, or by both", "[breaker]") {
  a_guard t;
  auto by_value =
      guard(t.valve, t.time, [](int status) { return result<int>{status}; }).judged_by([](const result<int>& r) {
        return *r >= 500 ? call_outcome::failure : *r == 499 ? call_outcome::ignored : call_outcome::success;
      });
  CHECK(*by_value(200) == 200);
  CHECK(*by_value(499) == 499);
  CHECK(t.calls() == 1);
  CHECK(*by_value(503) == 503);
  CHECK(t.failures() == 1);
  auto by_exception = guard(t.valve, t.time, []() -> int {
                        throw std::out_of_range{"no such line"};
                      }).judged_by([](std::exception_ptr thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::out_of_range&) {
      return call_outcome::success;
    } catch (...) {
      return call_outcome::failure;
    }
  });
  CHECK_THROWS_AS(by_exception(), std::out_of_range);
  CHECK(t.calls() == 3);
  CHECK(t.failures() == 1);
}

TEST_CASE("a fallback is asked for what was refused or failed, not for an answer", "[breaker]") {
  a_guard t;
  std::vector<std::string> asked;
  code answers = code::not_found;
  auto find = guard(t.valve, t.time, [&] {
                return result<int>{error{answers, "no"}};
              }).or_else([&](const error& e) {
    asked.push_back(e.reason.empty() ? std::string{to_string(e.code)} : e.reason);
    return result<int>{42};
  });
  CHECK(find().error().code == code::not_found);
  CHECK(asked.empty());
  answers = code::unavailable;
  for (int i = 0; i < 3; ++i) CHECK(find() == result<int>{42});
  REQUIRE(t.state() == breaker_state::open);
  CHECK(find() == result<int>{42});
  CHECK(asked == std::vector<std::string>{"unavailable", "unavailable", "unavailable", "circuit_open"});
}

TEST_CASE("a call that ends without a result is ignored, as a coroutine that is destroyed", "[breaker]") {
  a_guard t;
  { breaker_call dropped{t.valve, t.time}; }
  CHECK(t.calls() == 0);
  for (int i = 0; i < 4; ++i) breaker_call{t.valve, t.time}.end(call_outcome::failure);
  REQUIRE(t.state() == breaker_state::open);
  breaker_call refused{t.valve, t.time};
  REQUIRE_FALSE(refused);
  CHECK(refused.refusal().retry_after == 1s);
  t.time.time = refused.retry_at();
  for (int i = 0; i < 50; ++i) {
    breaker_call probe{t.valve, t.time, t.time.time + 1s};
    CHECK(probe);  // each gives its place back
  }
  CHECK(t.state() == breaker_state::half_open);
}

TEST_CASE("the first result of a call counts, also of one that was moved", "[breaker]") {
  a_guard t;
  breaker_call first{t.valve, t.time};
  breaker_call moved{std::move(first)};
  first.end(call_outcome::failure);
  CHECK(t.calls() == 0);
  moved.end(call_outcome::success);
  moved.end(call_outcome::failure);
  CHECK(t.calls() == 1);
  CHECK(t.failures() == 0);
}

TEST_CASE("within limits the lease of a probe", "[breaker]") {
  a_guard t;
  for (int i = 0; i < 4; ++i) breaker_call{t.valve, t.time}.end(call_outcome::failure);
  t.time.time += 1s;
  std::optional<error> inner;
  auto slow = guard(t.valve, t.time, [&] { t.time.time += 2s; }).within(800ms);
  for (int i = 0; i < 3; ++i) CHECK(slow());
  CHECK(t.state() == breaker_state::open);  // three results after their leases
}
