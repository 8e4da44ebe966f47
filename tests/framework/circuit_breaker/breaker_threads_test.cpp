// Threads on one breaker: nothing is lost, each change happens once, and no schedule leaves it stuck. Also run with
// ThreadSanitizer.
#include <banyan/circuit_breaker/breaker.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <random>
#include <set>
#include <thread>
#include <vector>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

constexpr int threads = 2;

// Runs `work(number)` on each thread, all begun together.
void together(const std::function<void(int)>& work) {
  std::atomic<int> ready{0};
  std::vector<std::thread> all;
  for (int t = 0; t < threads; ++t)
    all.emplace_back([&, t] {
      ++ready;
      while (ready.load() < threads) std::this_thread::yield();
      work(t);
    });
  for (auto& t : all) t.join();
}

}  // namespace

TEST_CASE("two threads: no result is lost", "[breaker]") {
  constexpr int calls = 100'000;
  breaker b{{.window = breaker_window::time, .length = 1h, .failure_rate = 1}};
  const monotonic now{1h};
  b.record(b.acquire(now).permit(), call_outcome::success, now);
  together([&](int t) {
    for (int i = 0; i < calls; ++i)
      b.record(b.acquire(now).permit(), i % (4 + t) == 0 ? call_outcome::failure : call_outcome::success, now);
  });
  const auto s = b.snapshot(now);
  CHECK(s.calls == 1 + threads * calls);
  CHECK(s.failure_rate * static_cast<double>(s.calls) == Approx(calls / 4 + calls / 5));
}

TEST_CASE("two threads: a breaker trips once, and from then on refuses both", "[breaker]") {
  for (int round = 0; round < 200; ++round) {
    std::atomic<int> trips{0}, refusals{0}, refused{0};
    breaker b{{.calls = 10, .min_calls = 10}, 1, [&](const breaker_event& e) {
                if (e.kind == breaker_event_kind::tripped) ++trips;
                if (e.kind == breaker_event_kind::refused) ++refusals;
              }};
    const monotonic now{1h};
    together([&](int) {
      for (int i = 0; i < 200; ++i) {
        const auto a = b.acquire(now);
        if (a)
          b.record(a.permit(), call_outcome::failure, now);
        else
          ++refused;
      }
    });
    CHECK(trips == 1);
    CHECK(b.snapshot(now).trips == 1);
    CHECK(b.snapshot(now).calls == 10);
    CHECK(refusals == refused);
    CHECK(b.snapshot(now).refused == static_cast<std::uint64_t>(refused));
    CHECK(refused >= threads * 200 - 10 - threads);
  }
}

TEST_CASE("two threads: a half-open breaker admits exactly its probes", "[breaker]") {
  for (int round = 0; round < 500; ++round) {
    std::atomic<int> probing{0}, admitted{0};
    breaker b{{.min_calls = 1, .jitter = 0}, 1, [&](const breaker_event& e) {
                probing += e.kind == breaker_event_kind::probing;
              }};
    const monotonic now{1h};
    b.record(b.acquire(now).permit(), call_outcome::failure, now);
    std::array<std::vector<breaker_permit>, threads> probes;
    together([&](int t) {
      for (int i = 0; i < 20; ++i)
        if (const auto a = b.acquire(now + 1s)) {
          ++admitted;
          probes[static_cast<std::size_t>(t)].push_back(a.permit());
        }
    });
    CHECK(probing == 1);
    CHECK(admitted == 5);
    together([&](int t) {
      for (auto p : probes[static_cast<std::size_t>(t)]) b.record(p, call_outcome::success, now + 1s);
    });
    CHECK(b.snapshot(now + 1s).state == breaker_state::closed);
  }
}

TEST_CASE("two threads: any schedule with overrides and restores leaves a breaker that recovers", "[breaker]") {
  std::atomic<std::int64_t> elapsed{0};  // in microseconds, moved on by both
  std::mutex m;
  std::set<std::uint64_t> generations;
  std::size_t changes = 0;
  std::atomic<int> impossible{0};
  circuit_breaker options{
      .calls = 20, .min_calls = 5, .open_for = 1ms, .open_for_at_most = 4ms, .probe_limit = 5ms, .ramp = 2ms};
  breaker b{options, 9, [&](const breaker_event& e) {
              if (e.kind == breaker_event_kind::refused || e.kind == breaker_event_kind::would_trip) return;
              const std::lock_guard hold{m};
              ++changes;
              generations.insert(e.generation);
            }};
  const auto read = [&] { return monotonic{1h} + std::chrono::microseconds{elapsed.fetch_add(3)}; };
  together([&](int t) {
    std::mt19937_64 random{static_cast<std::uint64_t>(t)};
    std::vector<breaker_permit> held;
    for (int i = 0; i < 50'000; ++i) {
      const auto now = read();
      if (const auto a = b.acquire(now, now + std::chrono::microseconds{random() % 3000})) held.push_back(a.permit());
      while (held.size() > random() % 8) {
        const auto k = random() % held.size();
        const auto late = read();
        if (random() % 20 != 0)  // one of twenty is lost
          b.record(held[k], static_cast<call_outcome>(random() % 3), late);
        held.erase(held.begin() + static_cast<std::ptrdiff_t>(k));
      }
      if (random() % 500 == 0) b.force(static_cast<breaker_override>(random() % 4), read());
      if (random() % 500 == 0) static_cast<void>(b.restore(b.export_state(read()), read()).has_value());
      if (random() % 50 == 0) {
        const auto s = b.snapshot(read());
        impossible += s.failure_rate > 1 || s.calls > 20;
      }
    }
  });
  CHECK(impossible == 0);
  CHECK(changes > 100);
  CHECK(generations.size() == changes);  // each change of state was told once, with a generation of its own
  auto now = read();
  b.force(breaker_override::none, now);
  for (int i = 0; i < 40; ++i) {
    now += 20ms;
    if (const auto a = b.acquire(now)) b.record(a.permit(), call_outcome::success, now);
  }
  CHECK(b.snapshot(now).state == breaker_state::closed);
  CHECK(b.acquire(now));
}
