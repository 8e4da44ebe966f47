// Counts the allocations of this program: none after a breaker was made, on any way through it. (The text of a refusal
// is one, made only for who asks for the error.)
#include <tests/framework/circuit_breaker/hand_clock.hpp>

#include <banyan/circuit_breaker/breaker_call.hpp>
#include <banyan/circuit_breaker/guarded.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {
std::atomic<std::size_t> allocations{0};
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc{};
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  ++allocations;
  if (void* memory = std::aligned_alloc(static_cast<std::size_t>(alignment), size)) return memory;
  throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

template <class F>
std::size_t allocated_by(F f) {
  const auto before = allocations.load();
  f();
  return allocations.load() - before;
}

}  // namespace

TEST_CASE("a breaker allocates its window once, and nothing else", "[breaker]") {
  for (const auto window : {breaker_window::count, breaker_window::time}) {
    std::optional<breaker> b;
    CHECK(allocated_by([&] { b.emplace(circuit_breaker{.window = window}); }) == 1);
  }
  CHECK(sizeof(breaker) <= 256);
}

TEST_CASE("no way through a breaker allocates: calls, a trip, refusals, probes, the ramp, overrides, reports",
          "[breaker]") {
  for (const auto window : {breaker_window::count, breaker_window::time}) {
    std::uint64_t told = 0, states = 0;
    hand_clock clock;
    breaker b{{.window = window}, 1, [&](const breaker_event& e) { told |= 1u << static_cast<int>(e.kind); }};
    auto call = guard(b, clock, [](bool works) -> result<int> {
      if (works) return 1;
      return error{code::unavailable, "down"};
    });
    const auto allocated = allocated_by([&] {
      const auto see = [&] { states |= 1u << static_cast<int>(b.snapshot(clock.time).state); };
      for (int i = 0; i < 1000; ++i) static_cast<void>(call(true).has_value());
      for (int i = 0; i < 1000 && b.snapshot(clock.time).state == breaker_state::closed; ++i)
        static_cast<void>(call(false).has_value());
      see();
      for (int i = 0; i < 1000; ++i) static_cast<void>(static_cast<bool>(b.acquire(clock.time)));
      clock.time += 2s;
      for (int i = 0; i < 5; ++i) static_cast<void>(b.acquire(clock.time, clock.time + 1s).retry_at());
      clock.time += 1s;  // these are lost
      static_cast<void>(b.acquire(clock.time).retry_at());
      clock.time += 3s;
      static_cast<void>(call(true).has_value());
      see();
      for (int i = 0; i < 2; ++i) static_cast<void>(call(true).has_value());
      see();
      for (int i = 0; i < 1000; ++i) {
        clock.time += 1ms;
        breaker_call ramped{b, clock};
        if (ramped) ramped.end(call_outcome::success);
      }
      b.force(breaker_override::observe_only, clock.time);
      for (int i = 0; i < 200; ++i) static_cast<void>(call(false).has_value());
      b.force(breaker_override::none, clock.time);
      static_cast<void>(b.restore(b.export_state(clock.time), clock.time).has_value());
    });
    CHECK(allocated == 0);
    CHECK(states == 7);  // open, half open, closed
    CHECK(told == 127);  // each kind of event
  }
}
