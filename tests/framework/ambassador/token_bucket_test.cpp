#include <banyan/ambassador/token_bucket.hpp>
#include <banyan/simulation/seeded_random.hpp>

#include <catch2/catch.hpp>
#include <tests/framework/ambassador/virtual_time.hpp>

#include <atomic>
#include <cmath>
#include <thread>
#include <vector>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

TEST_CASE("a full bucket gives its burst at once, and then one token per interval") {
  token_bucket b{{.per_second = 10, .burst = 3}, start};
  for (int i = 0; i < 3; ++i) CHECK(b.take(start));
  CHECK_FALSE(b.take(start));
  CHECK(b.retry_after(start) == 100ms);
  CHECK_FALSE(b.take(start + 100ms - 1ns));
  CHECK(b.take(start + 100ms));
  CHECK_FALSE(b.take(start + 100ms));
}

TEST_CASE("a bucket never holds more than its burst") {
  token_bucket b{{.per_second = 10, .burst = 3}, start};
  for (int i = 0; i < 3; ++i) CHECK(b.take(start + 1h));
  CHECK_FALSE(b.take(start + 1h));
}

TEST_CASE("without a burst a bucket holds the tokens of a second, and one at least") {
  token_bucket fast{{.per_second = 20}, start};
  for (int i = 0; i < 20; ++i) CHECK(fast.take(start));
  CHECK_FALSE(fast.take(start));
  token_bucket slow{{.per_second = 0.5}, start};
  CHECK(slow.take(start));
  CHECK_FALSE(slow.take(start + 2s - 1ns));
  CHECK(slow.take(start + 2s));
}

TEST_CASE("over a day of calls at any times a bucket admits what its rate brings, to one token") {
  for (const double rate : {1.0 / 3600, 0.3, 1.0 / 3, 7.0, 33.3, 100.0 / 7, 99.99}) {
    seeded_random random{7};
    const std::int64_t burst = 1000;
    token_bucket b{{.per_second = rate, .burst = burst}, start};
    std::int64_t admitted = 0;
    auto now = start;
    while (now < start + 24h) {
      // The bucket is emptied at each step, so that it never overflows.
      while (b.take(now)) ++admitted;
      now += nanoseconds{static_cast<std::int64_t>(random.next() % 8'000'000'000)};
    }
    while (b.take(start + 24h)) ++admitted;
    const double brought = static_cast<double>(burst) + rate * 86'400;
    INFO(rate);
    CHECK(std::abs(static_cast<double>(admitted) - brought) <= 1);
  }
}

TEST_CASE("a fast rate is as exact as a slow one") {
  for (const double rate : {1e4, 123'456.789, 1e6, 1e9 / 3}) {
    token_bucket b{{.per_second = rate, .burst = 1'000'000'000}, start};
    for (const auto span : {1s, 60s, 86'400s}) {
      // What a bucket gains shows in the time until its next token: all tokens of the burst are set aside first.
      token_bucket drained{{.per_second = rate, .burst = 1}, start};
      REQUIRE(drained.take(start + span));
      const auto wait = drained.retry_after(start + span);
      CHECK(wait >= nanoseconds{static_cast<std::int64_t>(1e9 / rate) - 1});
      CHECK(wait <= nanoseconds{static_cast<std::int64_t>(1e9 / rate) + 2});
    }
  }
}

TEST_CASE("no interval admits more than the burst and what the rate brings in it") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    seeded_random random{seed};
    const double rate = 0.5 + static_cast<double>(random.next() % 5000) / 10;
    const auto burst = static_cast<std::int64_t>(1 + random.next() % 20);
    token_bucket b{{.per_second = rate, .burst = burst}, start};
    std::vector<monotonic> admitted;
    auto now = start;
    for (int i = 0; i < 300; ++i) {
      now += nanoseconds{static_cast<std::int64_t>(random.next() % static_cast<std::uint64_t>(1.5e9 / rate))};
      if (b.take(now)) admitted.push_back(now);
    }
    INFO("seed " << seed);
    for (std::size_t from = 0; from < admitted.size(); ++from)
      for (std::size_t to = from; to < admitted.size(); ++to) {
        const auto seconds = static_cast<double>((admitted[to] - admitted[from]).count()) / 1e9;
        if (static_cast<double>(to - from + 1) > static_cast<double>(burst) + rate * seconds + 1e-5)
          FAIL_CHECK(to - from + 1 << " in " << seconds << " s at " << rate << " with " << burst);
      }
  }
}

TEST_CASE("retry_after is the shortest wait after which there is a token") {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    seeded_random random{seed};
    const double rate = std::pow(10.0, static_cast<double>(random.next() % 80) / 10 - 2);
    token_bucket b{{.per_second = rate, .burst = 2}, start};
    auto now = start + nanoseconds{static_cast<std::int64_t>(random.next() % 1'000'000'000'000)};
    while (b.take(now)) {}
    now += nanoseconds{static_cast<std::int64_t>(random.next() % static_cast<std::uint64_t>(0.9e9 / rate))};
    const auto wait = b.retry_after(now);
    INFO("seed " << seed << " rate " << rate << " wait " << wait.count());
    REQUIRE(wait > 0ns);
    CHECK_FALSE(b.take(now + wait - 1ns));
    CHECK(b.take(now + wait));
  }
}

TEST_CASE("a refusal names the limit, and the time after which there is a token") {
  token_bucket b{{.per_second = 2.5, .burst = 1}, start};
  CHECK(b.take(start));
  const auto e = b.refusal(start + 1us);
  CHECK(e.code == code::exhausted);
  CHECK(e.reason == "rate_limited");
  CHECK(e.outcome == outcome::not_applied);
  CHECK(e.message == "the limit of 2.5 calls a second is reached");
  CHECK(e.retry_after == 400ms);
}

TEST_CASE("a time before the last one takes nothing away") {
  token_bucket b{{.per_second = 10, .burst = 2}, start};
  CHECK(b.take(start + 1s));
  CHECK(b.take(start));
  CHECK_FALSE(b.take(start));
  CHECK(b.take(start + 1100ms));
}

TEST_CASE("a new rate applies at once, and keeps the tokens that there are") {
  token_bucket b{{.per_second = 10, .burst = 8}, start};
  for (int i = 0; i < 3; ++i) CHECK(b.take(start));
  b.set({.per_second = 1000, .burst = 4}, start);
  for (int i = 0; i < 4; ++i) CHECK(b.take(start));
  CHECK_FALSE(b.take(start));
  CHECK(b.take(start + 1ms));
  b.set({.per_second = 0.1, .burst = 100}, start + 1ms);
  CHECK_FALSE(b.take(start + 9s));
  CHECK(b.take(start + 11s));
}

TEST_CASE("rates beyond the limits are taken for the limits") {
  token_bucket none{{.per_second = -3, .burst = 1}, start};
  CHECK(none.take(start));
  CHECK(none.retry_after(start) == 100'000s);
  token_bucket any{{.per_second = 1e12, .burst = 1}, start};
  CHECK(any.take(start));
  CHECK(any.take(start + 1ns));
}

TEST_CASE("two threads together get what one would") {
  token_bucket b{{.per_second = 1, .burst = 20'000}, start};
  std::atomic<int> admitted{0};
  const auto run = [&] {
    for (int i = 0; i < 20'000; ++i) admitted += b.take(start) ? 1 : 0;
  };
  std::thread other{run};
  run();
  other.join();
  CHECK(admitted == 20'000);
}
