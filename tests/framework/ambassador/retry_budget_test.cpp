#include <banyan/ambassador/retry_budget.hpp>
#include <banyan/simulation/seeded_random.hpp>

#include <catch2/catch.hpp>
#include <tests/framework/ambassador/virtual_time.hpp>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

constexpr auto retry = extra_attempt::retry;
constexpr auto hedge = extra_attempt::hedge;

}  // namespace

TEST_CASE("without calls the floor is allowed, and no more") {
  retry_budget b{{}, start};
  b.begin();
  for (int i = 0; i < 3; ++i) CHECK(b.take(retry, start));
  CHECK_FALSE(b.take(retry, start));
}

TEST_CASE("above the floor a fifth of live calls may be extra attempts") {
  retry_budget b{{}, start};
  for (int i = 0; i < 100; ++i) b.begin();
  for (int i = 0; i < 20; ++i) CHECK(b.take(retry, start));
  CHECK_FALSE(b.take(retry, start));
  CHECK(b.calls(start) == 100);
  CHECK(b.extras(start) == 20);
}

TEST_CASE("what is scheduled counts before it is sent, and is given back when it is not") {
  retry_budget b{{.floor = 1}, start};
  CHECK(b.take(retry, start));
  CHECK_FALSE(b.take(retry, start));
  b.give_back(retry);
  CHECK(b.take(retry, start));
}

TEST_CASE("calls and extra attempts that have ended count for the window") {
  retry_budget b{{.window = 10s}, start};
  for (int i = 0; i < 100; ++i) {
    b.begin();
    b.end(start);
  }
  for (int i = 0; i < 20; ++i) {
    REQUIRE(b.take(retry, start + 8s));
    b.end_extra(retry, start + 8s);
  }
  CHECK_FALSE(b.take(retry, start + 8s));
  CHECK(b.calls(start + 8s) == 100);
  CHECK(b.calls(start + 11s) == 0);
  CHECK(b.extras(start + 11s) == 20);
  CHECK_FALSE(b.take(retry, start + 11s));
  CHECK(b.extras(start + 19s) == 0);
  CHECK(b.take(retry, start + 19s));
}

TEST_CASE("a call that lasts longer than the window is still a live one") {
  retry_budget b{{}, start};
  for (int i = 0; i < 50; ++i) b.begin();
  CHECK(b.calls(start + 1h) == 50);
  for (int i = 0; i < 50; ++i) b.end(start + 1h);
  CHECK(b.calls(start + 1h + 5s) == 50);
  CHECK(b.calls(start + 1h + 11s) == 0);
}

TEST_CASE("hedges share the budget, and have a smaller one of their own without a floor") {
  retry_budget b{{}, start};
  CHECK_FALSE(b.take(hedge, start));
  for (int i = 0; i < 100; ++i) b.begin();
  for (int i = 0; i < 5; ++i) CHECK(b.take(hedge, start + i * 1s));
  CHECK_FALSE(b.take(hedge, start + 5s));
  for (int i = 0; i < 15; ++i) CHECK(b.take(retry, start + 5s));
  CHECK_FALSE(b.take(retry, start + 5s));
  b.give_back(hedge);
  CHECK(b.take(retry, start + 6s));
  CHECK_FALSE(b.take(hedge, start + 6s));
}

TEST_CASE("hedges are paced: no tenth of the window gets more than a tenth of them, or one") {
  retry_budget b{{}, start};
  for (int i = 0; i < 2000; ++i) b.begin();
  for (int second = 0; second < 10; ++second) {
    for (int i = 0; i < 10; ++i) CHECK(b.take(hedge, start + second * 1s));
    CHECK_FALSE(b.take(hedge, start + second * 1s));
  }
  CHECK_FALSE(b.take(hedge, start + 10s));
  CHECK(b.extras(start + 10s) == 100);
}

TEST_CASE("the budget is never exceeded, whatever the order of calls, retries and time") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    seeded_random random{seed};
    retry_budget b{{.ratio = 0.2, .floor = static_cast<int>(random.next() % 5), .window = 1s}, start};
    auto now = start;
    int live = 0, scheduled = 0, hedged = 0;
    for (int step = 0; step < 1000; ++step) {
      now += nanoseconds{static_cast<std::int64_t>(random.next() % 30'000'000)};
      switch (random.next() % 8) {
        case 0:
        case 1:
        case 2: b.begin(), ++live; break;
        case 3:
          if (live > 0) b.end(now), --live;
          break;
        case 4:
        case 5: {
          const auto calls = b.calls(now), extras = b.extras(now);
          const bool got = b.take(retry, now);
          scheduled += got ? 1 : 0;
          const auto most = std::max<std::int64_t>(calls / 5, 4);
          if (got && extras + 1 > most) FAIL_CHECK("beyond the budget, seed " << seed);
          if (!got && extras < calls / 5) FAIL_CHECK("refused within the budget, seed " << seed);
          break;
        }
        case 6: {
          const auto calls = b.calls(now);
          const bool got = b.take(hedge, now);
          hedged += got ? 1 : 0;
          if (got && hedged > calls) FAIL_CHECK("more hedges than calls, seed " << seed);
          break;
        }
        default:
          if (scheduled > 0) {
            random.next() % 2 == 0 ? b.give_back(retry) : b.end_extra(retry, now);
            --scheduled;
          } else if (hedged > 0) {
            random.next() % 2 == 0 ? b.give_back(hedge) : b.end_extra(hedge, now);
            --hedged;
          }
      }
      if (b.calls(now) < live || b.extras(now) < scheduled + hedged)
        FAIL_CHECK("a live one is not counted, seed " << seed);
    }
  }
}

TEST_CASE("over any long time retries are at most a fifth of the calls, above the floor of each window") {
  seeded_random random{3};
  retry_budget b{{.ratio = 0.2, .floor = 3, .window = 1s}, start};
  int calls = 0, retries = 0;
  for (auto now = start; now < start + 100s; now += 1ms) {
    b.begin();
    ++calls;
    b.end(now);
    // Every call fails, and asks for two more attempts.
    for (int i = 0; i < 2; ++i)
      if (b.take(retry, now)) {
        ++retries;
        b.end_extra(retry, now);
      }
  }
  CHECK(retries <= calls / 5 + 3 * 100);
  CHECK(retries >= calls / 6);
}

TEST_CASE("threads never schedule more than the budget, and nothing is lost in the count") {
  retry_budget b{{.ratio = 0.2, .floor = 3}, start};
  for (int i = 0; i < 1000; ++i) b.begin();
  std::atomic<int> held{0}, most{0};
  const auto run = [&](std::uint64_t seed) {
    seeded_random random{seed};
    for (int i = 0; i < 20'000; ++i) {
      const auto now = start + nanoseconds{static_cast<std::int64_t>(i) * 1'000};
      int mine = 0;
      while (mine < 80 && b.take(retry, now)) {
        ++mine;
        const int n = ++held;
        for (int m = most; n > m && !most.compare_exchange_weak(m, n);) {}
      }
      while (mine-- > 0) {
        --held;
        b.give_back(retry);
      }
    }
  };
  std::vector<std::thread> threads;
  for (std::uint64_t t = 1; t <= 4; ++t) threads.emplace_back(run, t);
  for (auto& t : threads) t.join();
  CHECK(most <= 200);
  CHECK(b.extras(start) == 0);
  CHECK(b.calls(start) == 1000);
}

TEST_CASE("threads that end calls while time goes on leave no call behind") {
  retry_budget b{{.window = 100ms}, start};
  const auto run = [&] {
    for (int i = 0; i < 50'000; ++i) {
      const auto now = start + nanoseconds{static_cast<std::int64_t>(i) * 20'000};
      b.begin();
      if (b.take(retry, now)) b.end_extra(retry, now);
      b.end(now);
    }
  };
  std::thread other{run};
  run();
  other.join();
  CHECK(b.calls(start + 1h) == 0);
  CHECK(b.extras(start + 1h) == 0);
}
