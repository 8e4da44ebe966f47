#include <banyan/ambassador/latency_quantile.hpp>
#include <banyan/simulation/seeded_random.hpp>

#include <catch2/catch.hpp>
#include <tests/framework/ambassador/virtual_time.hpp>

#include <algorithm>
#include <cmath>
#include <thread>
#include <vector>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {


// Between `from` and `to`, each order of magnitude being as likely.
nanoseconds spread(random_source& random, double from, double to) {
  const double draw = static_cast<double>(random.next() >> 11) * 0x1.0p-53;
  return nanoseconds{static_cast<std::int64_t>(from * std::pow(to / from, draw))};
}

nanoseconds exact(std::vector<nanoseconds> all, double q) {
  std::sort(all.begin(), all.end());
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(all.size())));
  return all[std::max<std::size_t>(rank, 1) - 1];
}

}  // namespace

TEST_CASE("a latency is in a bucket whose middle is at most 1/32 away, from 1 us to 73 minutes, or 32 ns below") {
  seeded_random random{1};
  for (int i = 0; i < 200'000; ++i) {
    const auto latency = spread(random, 1, 4.3e12);
    const auto middle = latency_histogram::middle_of(latency_histogram::bucket_of(latency));
    const auto off = std::abs((middle - latency).count());
    if (off > std::max<std::int64_t>(32, latency.count() / 32 + 1))
      FAIL_CHECK(latency.count() << " as " << middle.count());
  }
  CHECK(latency_histogram::bucket_of(-5ns) == 0);
  CHECK(latency_histogram::bucket_of(0ns) == 0);
  CHECK(latency_histogram::bucket_of(nanoseconds::max()) == latency_histogram::buckets - 1);
}

TEST_CASE("buckets are in the order of latencies, and none is left out") {
  std::size_t last = 0;
  for (std::size_t i = 0; i < latency_histogram::buckets; ++i) {
    CHECK(latency_histogram::bucket_of(latency_histogram::middle_of(i)) == i);
    if (i > 0) CHECK(latency_histogram::middle_of(i) > latency_histogram::middle_of(last));
    last = i;
  }
}

TEST_CASE("a quantile is at most 3.2 % away from the exact one, for any latencies") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    seeded_random random{seed};
    latency_histogram h;
    std::vector<nanoseconds> all;
    const double from = std::pow(10.0, 3 + static_cast<double>(random.next() % 4));
    const double to = from * std::pow(10.0, static_cast<double>(random.next() % 5));
    for (std::uint64_t i = 0, n = 1 + random.next() % 2000; i < n; ++i) {
      all.push_back(spread(random, from, to));
      h.add(all.back());
    }
    for (const double q : {0.0, 0.1, 0.5, 0.95, 0.99, 1.0}) {
      const auto want = static_cast<double>(exact(all, q).count());
      const auto got = static_cast<double>(h.quantile(q).count());
      INFO("seed " << seed << " q " << q);
      CHECK(std::abs(got - want) <= want * 0.032 + 32);
    }
    CHECK(h.size() == all.size());
  }
  CHECK(latency_histogram{}.quantile(0.5) == 0ns);
}

TEST_CASE("there is no quantile before enough calls were seen") {
  latency_quantile p95{{.min_calls = 50}, start};
  for (int i = 0; i < 49; ++i) p95.record(10ms, start);
  CHECK_FALSE(p95.value(start));
  p95.record(10ms, start);
  const auto v = p95.value(start + 100ms);
  REQUIRE(v);
  CHECK(*v > 9.6ms);
  CHECK(*v < 10.4ms);
}

TEST_CASE("the quantile is of the last half to whole window") {
  latency_quantile p95{{.window = 20s, .min_calls = 20}, start};
  for (auto now = start; now < start + 30s; now += 10ms) p95.record(5ms, now);
  CHECK(*p95.value(start + 30s) < 6ms);
  // From here on every call takes longer. 20 s later nothing is left of the fast ones.
  for (auto now = start + 30s; now < start + 50s; now += 10ms) p95.record(80ms, now);
  CHECK(*p95.value(start + 50s) > 75ms);
  for (auto now = start + 50s; now < start + 71s; now += 10ms) p95.record(5ms, now);
  CHECK(*p95.value(start + 71s) < 6ms);
}

TEST_CASE("after a pause of a window nothing old is left") {
  latency_quantile p95{{.window = 20s, .min_calls = 20}, start};
  for (int i = 0; i < 100; ++i) p95.record(5ms, start);
  CHECK(p95.value(start + 1s));
  CHECK_FALSE(p95.value(start + 60s));
}

TEST_CASE("one in twenty slow calls does not move the 95th percentile, one in ten does") {
  for (const int every : {25, 10}) {
    latency_quantile p95{{.min_calls = 50}, start};
    for (int i = 0; i < 1000; ++i) p95.record(i % every == 0 ? 500ms : 4ms, start);
    CHECK((*p95.value(start + 1s) > 400ms) == (every == 10));
  }
}

TEST_CASE("threads record and read at the same time") {
  latency_quantile p95{{.window = 10ms, .min_calls = 1}, start};
  const auto run = [&] {
    for (int i = 0; i < 50'000; ++i) {
      const auto now = start + nanoseconds{static_cast<std::int64_t>(i) * 1'000};
      p95.record(7ms, now);
      if (const auto v = p95.value(now); v && (*v < 6.7ms || *v > 7.3ms)) FAIL("a value that nobody recorded");
    }
  };
  std::thread other{run};
  run();
  other.join();
  CHECK(p95.value(start + 50ms));
}
