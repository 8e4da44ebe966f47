#include <banyan/ambassador/refusal_summary.hpp>

#include <banyan/circuit_breaker/breaker.hpp>

#include <tests/framework/actor/stepped.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>
#include <vector>

using namespace banyan;
using namespace std::chrono_literals;

TEST_CASE("the first refusal is reported at once, the others together when the interval has passed", "[ambassador]") {
  refusal_summary s{1s};
  monotonic now{5s};
  CHECK(s.add(1, now) == 1);
  CHECK(s.add(2, now) == 0);
  CHECK(s.add(3, now + 999ms) == 0);
  CHECK(s.add(4, now + 1s) == 3);
  CHECK(s.add(5, now + 1999ms) == 0);
  CHECK(s.add(6, now + 2s) == 2);
  CHECK(s.add(7, now + 1h) == 1);  // after a while without refusals again at once
}

TEST_CASE("what a breaker refuses is reported as its events say", "[ambassador]") {
  std::vector<std::uint64_t> reported;
  const auto report = [&](std::uint64_t since) { reported.push_back(since); };
  refusal_summary refusals;
  breaker valve{{}, 1, [&](const breaker_event& e) {
                  if (e.kind != breaker_event_kind::refused) return;
                  if (const auto since = refusals.add(e.refused, e.at)) report(since);  // at each refused call
                }};
  valve.force(breaker_override::forced_open, monotonic{1s});
  for (int i = 0; i < 250; ++i) CHECK_FALSE(valve.acquire(monotonic{1s + i * 10ms}));
  CHECK(reported == std::vector<std::uint64_t>{1, 100, 100});
}

TEST_CASE("a breaker that has refused calls before its first summary reports them, too", "[ambassador]") {
  refusal_summary s{1s};
  CHECK(s.add(700, monotonic{0s}) == 700);
}

TEST_CASE("whatever the times of refusals, summaries are rare and leave none out", "[ambassador]") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    test::counting_random random{seed};
    refusal_summary s{1s};
    monotonic now{0s}, last_summary{-1s};
    std::uint64_t total = 0, reported = 0;
    bool is_rare = true, is_exact = true;
    for (int i = 0; i < 2000; ++i) {
      now += std::chrono::microseconds{random.below(4000)};
      const auto n = s.add(++total, now);
      if (n == 0) {
        is_exact = is_exact && now - last_summary < 1s;
        continue;
      }
      reported += n;
      is_rare = is_rare && now - last_summary >= 1s;
      is_exact = is_exact && reported == total;
      last_summary = now;
    }
    CHECK(is_rare);
    CHECK(is_exact);
  }
}

TEST_CASE("among several threads each refusal is reported once", "[ambassador]") {
  refusal_summary s{1us};
  std::atomic<std::uint64_t> total{0}, reported{0};
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; ++t)
    callers.emplace_back([&] {
      for (int i = 0; i < 20'000; ++i) {
        const auto n = total.fetch_add(1) + 1;
        reported += s.add(n, monotonic{std::chrono::microseconds{n}});
      }
    });
  for (auto& c : callers) c.join();
  CHECK(reported <= total);
  const auto rest = s.add(total + 1, monotonic{1h});
  CHECK(rest >= 1);
  CHECK(reported + rest == total + 1);
}
