// The scenario table: how callers fare while the replicas of a service fail in nine ways, in virtual time, and what the
// replicas have to bear meanwhile. Eight replicas, 300 calls a second at 28 % of their capacity, deadline 1 s, 120 s;
// faults begin after 30 s. The caller has at most 256 calls in flight, whatever its rules; more are refused.
#pragma once

#include <banyan/core/hash.hpp>
#include <banyan/simulation/seeded_random.hpp>

#include <tests/framework/ambassador/modelled_ambassador.hpp>

#include <algorithm>
#include <array>
#include <iomanip>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace banyan::test {

struct scenario {
  std::string name;
  double fault_ends;  // s
  std::function<replica_fault(double t, int replica)> fault;
  fleet_shape fleet = {};
  int per_second = 300;
};

namespace faults {

inline bool during(double t, double from, double to) { return t >= from && t < to; }
// All replicas fail a share of calls, from 30 s on.
inline auto sudden(double share, double length = 30) {
  return [=](double t, int) { return replica_fault{.fails = during(t, 30, 30 + length) ? share : 0}; };
}
// All replicas fail for the first `length` of each `period`, from 30 s to `until`.
inline auto spikes(double period, double length, double until, double share = 1) {
  return [=](double t, int) {
    return replica_fault{.fails = during(t, 30, until) && std::fmod(t - 30, period) < length ? share : 0};
  };
}
// The share of failures goes from none to `most` and back in each `period`, from 30 s to 90 s.
inline auto oscillation(double period, double most = 1) {
  return [=](double t, int) {
    return replica_fault{.fails =
                             during(t, 30, 90) ? most * (0.5 - 0.5 * std::cos((t - 30) * 6.283185307 / period)) : 0};
  };
}
inline auto slow_rise(double length = 30) {
  return [=](double t, int) { return replica_fault{.fails = during(t, 30, 30 + length) ? (t - 30) / length : 0}; };
}
inline auto slow_queries(double factor = 20, double length = 30) {
  return [=](double t, int) { return replica_fault{.slower = during(t, 30, 30 + length) ? factor : 1}; };
}
// The first `n` replicas, from 30 s to 90 s.
inline auto some_slow(int n, double factor = 20) {
  return [=](double t, int r) { return replica_fault{.slower = during(t, 30, 90) && r < n ? factor : 1}; };
}
inline auto some_failing(int n, double share = 1) {
  return [=](double t, int r) { return replica_fault{.fails = during(t, 30, 90) && r < n ? share : 0}; };
}
// Each replica is unreachable in a share of the pieces of time, independently of the others, from 30 s to 90 s.
inline auto flapping(double piece, double share) {
  return [=](double t, int r) {
    const auto n = static_cast<std::uint64_t>(t / piece) * 64 + static_cast<std::uint64_t>(r);
    const bool unreachable = static_cast<double>(detail::affinity(n, 1) % 1000) < share * 1000;
    return replica_fault{.unreachable = during(t, 30, 90) && unreachable};
  };
}

}  // namespace faults

inline const std::vector<scenario>& scenarios() {
  static const std::vector<scenario> all{
      {"sudden 20 %", 60, faults::sudden(0.2)},
      {"sudden 100 %", 60, faults::sudden(1)},
      {"repeated spikes", 95, faults::spikes(15, 5, 95)},
      {"slow rise", 60, faults::slow_rise()},
      {"oscillation", 90, faults::oscillation(10)},
      {"slow queries", 60, faults::slow_queries()},
      {"one of eight slow", 90, faults::some_slow(1)},
      {"one of eight failing", 90, faults::some_failing(1)},
      {"flapping network", 90, faults::flapping(0.5, 0.3)},
  };
  return all;
}

inline constexpr std::array<std::string_view, 5> clients{"ours", "no breaker", "consecutive", "resilience4j", "Envoy"};

inline std::unique_ptr<modelled_client> make_client(std::string_view name, virtual_time& world, random_source& random,
                                                    modelled_fleet& fleet) {
  if (name == "no breaker") return std::make_unique<plain_client>(world, random, fleet);
  if (name == "consecutive") return std::make_unique<consecutive_breaker_client>(world, random, fleet);
  if (name == "resilience4j") return std::make_unique<resilience4j_client>(world, random, fleet);
  if (name == "Envoy") return std::make_unique<envoy_client>(world, random, fleet);
  return std::make_unique<our_client>(world, random, fleet);
}

struct scenario_result {
  int calls = 0, useful = 0, failed = 0, refused = 0;
  int into_trouble = 0;  // requests that have reached a replica in trouble
  double recovery = 0;   // s from the fault's end until 98 % of calls are useful for 3 s
  nanoseconds p99{0};    // of useful calls
};

using client_maker = std::function<std::unique_ptr<modelled_client>(virtual_time&, random_source&, modelled_fleet&)>;

inline scenario_result play(const scenario& s, std::string_view client, std::uint64_t seed,
                            const client_maker& make = {}) {
  using namespace std::chrono_literals;
  constexpr int seconds = 120, most_in_flight = 256;
  virtual_time world;
  seeded_random random{seed, client};
  modelled_fleet fleet{world, random, s.fleet, [&s](nanoseconds t, int replica) {
                         return s.fault(std::chrono::duration<double>(t).count(), replica);
                       }};
  const auto c = make ? make(world, random, fleet) : make_client(client, world, random, fleet);

  scenario_result r;
  std::vector<nanoseconds> latencies;
  std::array<int, seconds + 1> offered{}, useful{};
  int in_flight = 0;
  std::function<void()> arrive = [&] {
    const auto began = world.now();
    if (began >= start + seconds * 1s) return;
    world.after(exponential(random, 1'000'000'000ns / s.per_second), arrive);
    const auto second = static_cast<std::size_t>((began - start) / 1s);
    ++r.calls;
    ++offered[second];
    if (in_flight >= most_in_flight) {
      ++r.refused;
      return;
    }
    ++in_flight;
    c->call(began + 1s, [&, began, second](call_end how) {
      --in_flight;
      r.useful += how == call_end::useful ? 1 : 0;
      r.failed += how == call_end::failed ? 1 : 0;
      r.refused += how == call_end::refused ? 1 : 0;
      if (how != call_end::useful) return;
      ++useful[second];
      latencies.push_back(world.now() - began);
    });
  };
  arrive();
  world.run_until(start + seconds * 1s + 10s);

  r.into_trouble = fleet.sent_into_trouble();
  std::sort(latencies.begin(), latencies.end());
  r.p99 = latencies[latencies.size() * 99 / 100];
  const auto good = [&](int second) {
    const auto i = static_cast<std::size_t>(second);
    return second >= seconds || useful[i] >= 0.98 * offered[i];
  };
  const int ends = static_cast<int>(std::ceil(s.fault_ends));
  int recovered = ends;
  while (recovered < seconds && !(good(recovered) && good(recovered + 1) && good(recovered + 2))) ++recovered;
  r.recovery = recovered - ends;
  return r;
}

// The sum of several runs: recovery and p99 are means.
inline scenario_result play_all(const scenario& s, std::string_view client, std::uint64_t first_seed, int seeds,
                                const client_maker& make = {}) {
  scenario_result sum;
  for (int i = 0; i < seeds; ++i) {
    const auto r = play(s, client, first_seed + static_cast<std::uint64_t>(i), make);
    sum.calls += r.calls, sum.useful += r.useful, sum.failed += r.failed, sum.refused += r.refused;
    sum.into_trouble += r.into_trouble;
    sum.recovery += r.recovery / seeds;
    sum.p99 += r.p99 / seeds;
  }
  return sum;
}

inline void print_header(std::ostream& out) {
  out << std::left << std::setw(26) << "scenario" << std::setw(14) << "client" << std::right << std::setw(9)
      << "useful %" << std::setw(9) << "failed %" << std::setw(10) << "refused %" << std::setw(15) << "into trouble %"
      << std::setw(12) << "recovery s" << std::setw(9) << "p99 ms" << "\n";
}
inline void print(std::ostream& out, const scenario& s, std::string_view client, const scenario_result& r) {
  const auto share = [&](int n) { return 100.0 * n / r.calls; };
  out << std::left << std::setw(26) << s.name << std::setw(14) << client << std::right << std::fixed
      << std::setprecision(1) << std::setw(9) << share(r.useful) << std::setw(9) << share(r.failed) << std::setw(10)
      << share(r.refused) << std::setw(15) << share(r.into_trouble) << std::setw(12) << r.recovery
      << std::setprecision(0) << std::setw(9) << static_cast<double>(r.p99.count()) / 1e6 << "\n";
}

}  // namespace banyan::test
