#include <banyan/ambassador/adaptive_limit.hpp>
#include <banyan/ambassador/bulkhead.hpp>
#include <banyan/simulation/seeded_random.hpp>

#include <catch2/catch.hpp>
#include <tests/framework/ambassador/virtual_time.hpp>

#include <algorithm>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

using service_time = std::function<nanoseconds(random_source&)>;

// Calls that arrive at random, a limit, and a callee with so many servers and an unbounded first-in first-out queue.
struct limited_callee {
  limited_callee(std::uint64_t seed, int capacity, service_time takes, adaptive_limit_options options = {})
      : random{seed}, servers{capacity}, service{std::move(takes)}, limit{options, start},
        permits{{.concurrency = options.max, .queue = 0}} {}

  void offer(double per_second, monotonic until) {
    rate = per_second;
    arrive(++offers);
    world.run_until(until);
  }

  void arrive(int offer) {
    if (offer != offers) return;
    world.after(exponential(random, nanoseconds{static_cast<std::int64_t>(1e9 / rate)}), [=, this] { arrive(offer); });
    ++calls;
    if (!permits.try_enter()) {
      ++refused;
      return;
    }
    queue.push_back(world.now());
    serve();
  }
  void serve() {
    if (busy >= servers || queue.empty()) return;
    const auto came = queue.front();
    queue.pop_front();
    ++busy;
    world.after(service(random), [this, came] {
      --busy;
      ++served;
      latencies.push_back(world.now() - came);
      if (const auto changed = limit.record(latencies.back(), permits.in_flight(), world.now()))
        permits.set_concurrency(*changed, world.now());
      permits.release(world.now());
      serve();
    });
  }
  nanoseconds median() {
    std::sort(latencies.begin(), latencies.end());
    return latencies[latencies.size() / 2];
  }
  void forget() { calls = refused = served = 0, latencies.clear(); }

  seeded_random random;
  virtual_time world;
  int servers, busy = 0;
  service_time service;
  adaptive_limit limit;
  bulkhead permits;
  double rate = 1;
  int offers = 0;
  std::deque<monotonic> queue;
  int calls = 0, refused = 0, served = 0;
  std::vector<nanoseconds> latencies;
};

const std::vector<std::pair<std::string, service_time>> service_times{
    {"constant", [](random_source&) -> nanoseconds { return 50ms; }},
    {"exponential", [](random_source& r) { return exponential(r, 50ms); }},
    {"lognormal", [](random_source& r) { return lognormal(r, 50ms, 1.0); }},
    {"a cache that misses half of the time",
     [](random_source& r) -> nanoseconds { return r.next() % 2 == 0 ? 2ms : 98ms; }},
};

}  // namespace

TEST_CASE("nothing is refused while less than the callee's capacity is offered") {
  for (const auto& [name, takes] : service_times)
    for (const double load : {0.2, 0.5, 0.8})
      for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        limited_callee c{seed, 20, takes, {.max = 200}};
        c.offer(400 * load, start + 40s);
        INFO(name << " load " << load << " seed " << seed << " limit " << c.limit.limit());
        CHECK(c.refused == 0);
      }
}

TEST_CASE("at the edge of its capacity, where random arrivals queue for seconds, hardly anything is refused") {
  for (const auto& [name, takes] : service_times) {
    limited_callee c{1, 20, takes, {.max = 200}};
    c.offer(400 * 0.95, start + 100s);
    INFO(name << " limit " << c.limit.limit());
    CHECK(c.refused <= c.calls / 20);
  }
}

TEST_CASE("nothing is refused when the load changes below the capacity") {
  for (const auto& [name, takes] : service_times) {
    limited_callee c{3, 40, takes, {.max = 200}};
    auto until = start;
    for (const double load : {0.1, 0.8, 0.1, 0.5, 0.8, 0.3}) c.offer(800 * load, until += 15s);
    INFO(name);
    CHECK(c.refused == 0);
  }
}

TEST_CASE("under overload the limit falls to the callee's capacity and a short queue") {
  for (const auto& [name, takes] : service_times) {
    if (name.starts_with("a cache")) continue;  // half of its calls are quicker than any queue
    limited_callee c{1, 20, takes, {.max = 500}};
    c.offer(300, start + 20s);
    CHECK(c.refused == 0);
    const auto alone = c.median();
    c.offer(1200, start + 60s);
    c.forget();
    c.offer(1200, start + 90s);
    INFO(name << " limit " << c.limit.limit() << " baseline " << c.limit.baseline().count());
    CHECK(c.limit.limit() >= 20);
    CHECK(c.limit.limit() <= 60);
    CHECK(c.served >= 30 * 400 * 0.95);
    CHECK(c.median() < alone * 4);
    // The load is gone: what is left of the limit is no less than the capacity.
    c.offer(100, start + 100s);
    c.forget();
    c.offer(320, start + 130s);
    CHECK(c.refused <= c.calls / 500);
  }
}

TEST_CASE("when capacity falls the limit falls, and when it returns so does the limit") {
  limited_callee c{2, 40, service_times[1].second, {.max = 500}};
  c.offer(600, start + 20s);
  c.servers = 10;
  c.offer(600, start + 60s);
  c.forget();
  c.offer(600, start + 80s);
  CHECK(c.limit.limit() <= 40);
  CHECK(c.served >= 20 * 200 * 0.95);
  c.servers = 40;
  c.offer(600, start + 120s);
  c.forget();
  c.offer(600, start + 140s);
  CHECK(c.refused <= c.calls / 100);
}

TEST_CASE("a callee that becomes slower without being overloaded is limited for a few windows at most") {
  auto factor = 1;
  limited_callee c{4, 200, [&](random_source& r) { return factor * exponential(r, 50ms); }, {.max = 500}};
  c.offer(1000, start + 20s);
  factor = 3;
  c.offer(1000, start + 60s);
  CHECK(c.refused <= 1500);  // of 60,000
  c.forget();
  c.offer(1000, start + 90s);
  CHECK(c.refused == 0);
}

TEST_CASE("the limit stays between its bounds") {
  limited_callee c{5, 1, service_times[0].second, {.min = 4, .max = 50}};
  c.offer(10, start + 30s);
  CHECK(c.limit.limit() == 50);
  c.offer(400, start + 120s);
  CHECK(c.limit.limit() >= 4);
  CHECK(c.limit.limit() < 50);
}

TEST_CASE("threads record at the same time") {
  adaptive_limit limit{{.window = 1ms, .min_calls = 10}, start};
  const auto run = [&] {
    for (int i = 0; i < 50'000; ++i) limit.record(5ms, 10, start + i * 1us);
  };
  std::thread other{run};
  run();
  other.join();
  CHECK(limit.limit() == 1000);
  CHECK(limit.baseline() > 4.8ms);
}
