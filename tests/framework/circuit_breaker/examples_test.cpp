// The examples of the headers, as they stand there.
#include <tests/framework/circuit_breaker/hand_clock.hpp>

#include <banyan/circuit_breaker/guarded.hpp>

#include <catch2/catch.hpp>

#include <coroutine>
#include <exception>
#include <optional>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

struct receipt {
  int pence;
};
struct card_company {
  result<receipt> charge(int pence) { return receipt{pence}; }
};

// A coroutine that is destroyed while it waits, as a handler is with its actor.
struct waiting {
  struct promise_type {
    waiting get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_value(result<receipt> r) { answer = std::move(r); }
    void unhandled_exception() { std::terminate(); }
    std::optional<result<receipt>> answer = {};
  };
  std::coroutine_handle<promise_type> frame;
};

struct order {
  int pence;
};
struct ask {
  order o;
  result<receipt> answer = receipt{0};
  explicit ask(order which) : o{which} {}
  bool await_ready() const { return o.pence > 0; }
  void await_suspend(std::coroutine_handle<>) {}
  result<receipt> await_resume() { return receipt{o.pence}; }
};

waiting charge_of(breaker& valve, const banyan::clock& time, order o, monotonic deadline) {
  breaker_call call{valve, time, deadline};
  if (!call) co_return call.refusal();
  auto answer = co_await ask(o);
  call.end(answer ? call_outcome::success : outcome_of(answer.error()));
  co_return answer;
}

}  // namespace

TEST_CASE("breaker options of the header", "[breaker]") {
  circuit_breaker by_count{.min_calls = 10, .open_for = 5s};
  circuit_breaker by_time{.window = breaker_window::time, .slow_after = 300ms};
  circuit_breaker strict{.consecutive = 5};
  for (const auto& o : {by_count, by_time, strict}) CHECK(check(o).empty());
}

TEST_CASE("a breaker by hand", "[breaker]") {
  const std::uint64_t seed = 1;
  const monotonic now{1h}, deadline = now + 1s, later = now + 1ms;
  breaker valve{{.min_calls = 10, .open_for = 5s}, seed};
  const auto ask_by_hand = [&](result<receipt> (*call)()) -> result<receipt> {
    auto admitted = valve.acquire(now, deadline);
    if (!admitted) return admitted.refusal(now);
    auto answer = call();
    valve.record(admitted.permit(), answer ? call_outcome::success : outcome_of(answer.error()), later);
    return answer;
  };
  CHECK(ask_by_hand([] { return result<receipt>{receipt{5}}; })->pence == 5);
  const auto down = [] { return result<receipt>{error{code::unavailable, "down"}}; };
  for (int i = 0; i < 9; ++i) CHECK(ask_by_hand(down).error().message == "down");
  CHECK(ask_by_hand(down).error().reason == circuit_open);
}

TEST_CASE("a breaker around a callable", "[breaker]") {
  hand_clock clock;
  card_company acquirer;
  breaker valve{{.min_calls = 10, .open_for = 5s}};
  auto charge = guard(valve, clock, [&](int pence) { return acquirer.charge(pence); });
  result<receipt> r = charge(1999);
  REQUIRE(r);
  CHECK(r->pence == 1999);
}

TEST_CASE("a breaker in a coroutine: its result is recorded, and nothing when it is destroyed", "[breaker]") {
  hand_clock clock;
  breaker valve{{}};
  auto done = charge_of(valve, clock, {7}, clock.time + 1s);
  CHECK(done.frame.promise().answer.value()->pence == 7);
  done.frame.destroy();
  CHECK(valve.snapshot(clock.time).calls == 1);
  auto lost = charge_of(valve, clock, {0}, clock.time + 1s);
  CHECK_FALSE(lost.frame.done());
  lost.frame.destroy();
  CHECK(valve.snapshot(clock.time).calls == 1);
}
