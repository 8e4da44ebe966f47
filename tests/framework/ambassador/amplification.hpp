// How many requests reach the last of three services for each request of a user, when every service retries.
//
//   user -> hop 1 -> hop 2 -> hop 3 -> the last service
#pragma once

#include <banyan/simulation/seeded_random.hpp>

#include <tests/framework/ambassador/modelled_hop.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace banyan::test {

enum class last_service { refuses, is_silent, is_healthy, is_slow_at_times };

struct amplification_case {
  last_service last = last_service::refuses;
  bool budgeted = true;
  bool hedged = false;
  int per_second = 1000;
  int seconds = 120;
  std::uint64_t seed = 1;
};

struct amplification_report {
  double mean = 0;          // requests at the last service for each of a user
  double p99 = 0;           // of seconds
  double above_floor = 0;   // mean, without the retries that the floors of three budgets allow
  int calls = 0;
};

inline amplification_report measure_amplification(const amplification_case& c) {
  using namespace std::chrono_literals;
  seeded_random random{c.seed};
  virtual_time world;
  std::vector<int> offered(static_cast<std::size_t>(c.seconds) + 60), arrived(offered.size());
  const auto second = [&] { return static_cast<std::size_t>((world.now() - start) / 1s); };
  const callee last = [&](monotonic, const reply& done) {
    ++arrived[second()];
    const bool slow = c.last == last_service::is_slow_at_times && (world.now() - start) / 20s % 2 == 1;
    switch (c.last) {
      case last_service::refuses:
        world.after(1ms, [done] { done(error{code::unavailable, "down", outcome::not_applied}); });
        break;
      case last_service::is_silent: break;
      case last_service::is_healthy:
      case last_service::is_slow_at_times:
        world.after(lognormal(random, slow ? 15ms : 5ms, 0.8), [done] { done({}); });
    }
  };
  const auto options = [&](timespan attempt_time) {
    return modelled_link_options{.attempt_time = attempt_time, .budgeted = c.budgeted, .hedged = c.hedged};
  };
  modelled_hop third{world, random, options(100ms), last};
  modelled_hop second_hop{world, random, options(400ms), [&](monotonic d, reply r) { third.call(d, std::move(r)); }};
  modelled_hop first{world, random, options(1600ms), [&](monotonic d, reply r) { second_hop.call(d, std::move(r)); }};
  std::function<void()> arrive = [&] {
    if (world.now() >= start + c.seconds * 1s) return;
    ++offered[second()];
    first.call(world.now() + 6s, [](const std::optional<error>&) {});
    world.after(1'000'000'000ns / c.per_second, arrive);
  };
  arrive();
  world.run_until(start + c.seconds * 1s + 30s);

  amplification_report r;
  r.calls = first.calls;
  double requests = 0;
  std::vector<double> by_second;
  for (std::size_t i = 0; i < offered.size(); ++i) {
    requests += arrived[i];
    // Without the first seconds, while the system fills, and without what is still to come at the end.
    if (i < 10 || i >= static_cast<std::size_t>(c.seconds)) continue;
    by_second.push_back(static_cast<double>(arrived[i]) / offered[i]);
  }
  std::sort(by_second.begin(), by_second.end());
  r.p99 = by_second[by_second.size() * 99 / 100];
  r.mean = requests / r.calls;
  const double windows = c.seconds / 10.0 + 1;
  r.above_floor = (requests - 3 * 3 * windows) / r.calls;
  return r;
}

}  // namespace banyan::test
