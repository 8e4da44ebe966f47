#include <banyan/ambassador/endpoint_load.hpp>

#include <catch2/catch.hpp>
#include <tests/framework/ambassador/virtual_time.hpp>

#include <cmath>
#include <thread>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

bool near(nanoseconds a, nanoseconds b, double share = 0.01) {
  return std::abs(static_cast<double>((a - b).count())) <= share * static_cast<double>(b.count());
}

}  // namespace

TEST_CASE("a peak is taken at once, and forgotten over time") {
  peak_ewma e{10s};
  e.observe(10ms, start);
  CHECK(near(e.value(start), 10ms));
  e.observe(500ms, start + 10ms);
  CHECK(near(e.value(start + 10ms), 500ms));
  e.observe(10ms, start + 20ms);
  CHECK(e.value(start + 20ms) > 490ms);
  auto now = start + 20ms;
  for (; now < start + 50s; now += 10ms) e.observe(10ms, now);
  CHECK(near(e.value(now), 14ms, 0.1));
}

TEST_CASE("what is forgotten depends on time, not on the number of calls") {
  peak_ewma rare{10s}, often{10s};
  rare.observe(100ms, start);
  often.observe(100ms, start);
  for (int i = 1; i <= 10'000; ++i) often.observe(1ms, start + i * 1ms);
  for (int i = 1; i <= 10; ++i) rare.observe(1ms, start + i * 1s);
  CHECK(near(often.value(start + 10s), rare.value(start + 10s), 0.02));
}

TEST_CASE("latency falls while nothing is sent, so that a slow endpoint is tried again") {
  peak_ewma e{10s};
  e.observe(1s, start);
  CHECK(near(e.value(start + 10s), nanoseconds{static_cast<std::int64_t>(1e9 / 2.71828)}));
  CHECK(e.value(start + 100s) < 100us);
  CHECK(e.value(start + 10min) > 0ns);
}

TEST_CASE("a time before the last observation is taken for that time") {
  peak_ewma e{10s};
  e.observe(10ms, start + 1h);
  CHECK(near(e.value(start), 10ms));
  e.observe(5ms, start);
  CHECK(near(e.value(start + 1h), 10ms));
}

TEST_CASE("the cost of an endpoint is its latency times the calls that it would have") {
  endpoint_load l;
  l.begin();
  l.end(10ms, start);
  CHECK(l.cost(start) == Approx(1e7).epsilon(0.01));
  l.begin();
  l.begin();
  CHECK(l.in_flight() == 2);
  CHECK(l.cost(start) == Approx(3e7).epsilon(0.01));
  l.cancel();
  CHECK(l.in_flight() == 1);
  CHECK(near(l.latency(start), 10ms));
}

TEST_CASE("an endpoint of unknown latency is free while it is idle, and dear until its first call has ended") {
  endpoint_load l;
  CHECK(l.cost(start) == 0);
  l.begin();
  CHECK(l.cost(start) >= 1e17);
  l.end(10ms, start + 10ms);
  CHECK(l.cost(start + 10ms) < 1e8);
}

TEST_CASE("threads leave no call behind") {
  endpoint_load l;
  const auto run = [&] {
    for (int i = 0; i < 50'000; ++i) {
      l.begin();
      l.end(nanoseconds{1'000 + i}, start + i * 1us);
    }
  };
  std::thread other{run};
  run();
  other.join();
  CHECK(l.in_flight() == 0);
  CHECK(l.latency(start + 50ms) <= 51us);
}
