// The scenario table: how callers fare while the replicas of a service fail in nine ways, in virtual time. Eight
// replicas, 300 calls a second at 28 % of their capacity, deadline 1 s, 120 s; faults begin after 30 s.
#pragma once

#include <banyan/simulation/seeded_random.hpp>

#include <tests/framework/ambassador/modelled_clients.hpp>

#include <algorithm>
#include <array>
#include <iomanip>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace banyan::test {

struct scenario {
  std::string_view name;
  int fault_ends;  // s
  replica_fault (*fault)(double t, int replica);
};

inline const std::array<scenario, 9>& scenarios() {
  using f = replica_fault;
  static constexpr auto during = [](double t, double from, double to) { return t >= from && t < to; };
  static const std::array<scenario, 9> all{{
      {"sudden 20 %", 60, [](double t, int) { return f{.fails = during(t, 30, 60) ? 0.2 : 0}; }},
      {"sudden 100 %", 60, [](double t, int) { return f{.fails = during(t, 30, 60) ? 1.0 : 0}; }},
      {"repeated spikes", 95,
       [](double t, int) { return f{.fails = during(t, 30, 95) && std::fmod(t - 30, 15) < 5 ? 1.0 : 0}; }},
      {"slow rise", 60, [](double t, int) { return f{.fails = during(t, 30, 60) ? (t - 30) / 30 : 0}; }},
      {"oscillation", 90,
       [](double t, int) { return f{.fails = during(t, 30, 90) ? 0.5 - 0.5 * std::cos((t - 30) * 0.6283185) : 0}; }},
      {"slow queries", 60, [](double t, int) { return f{.slower = during(t, 30, 60) ? 20.0 : 1}; }},
      {"one of eight slow", 90, [](double t, int r) { return f{.slower = during(t, 30, 90) && r == 3 ? 20.0 : 1}; }},
      {"one of eight failing", 90, [](double t, int r) { return f{.fails = during(t, 30, 90) && r == 3 ? 1.0 : 0}; }},
      {"flapping network", 90,
       [](double t, int r) {
         const auto piece = static_cast<std::uint64_t>(t * 2) * 8 + static_cast<std::uint64_t>(r);
         return f{.unreachable = during(t, 30, 90) && detail::affinity(piece, 1) % 10 < 3};
       }},
  }};
  return all;
}

inline constexpr std::array<std::string_view, 5> clients{"ours", "no breaker", "consecutive", "resilience4j", "Envoy"};

struct scenario_result {
  int calls = 0, useful = 0, failed = 0, refused = 0;
  double recovery = 0;   // s from the fault's end until 98 % of calls are useful for 3 s
  nanoseconds p99{0};    // of useful calls
};

inline scenario_result play(const scenario& s, std::string_view client, std::uint64_t seed) {
  using namespace std::chrono_literals;
  constexpr int seconds = 120, per_second = 300;
  virtual_time world;
  seeded_random random{seed, client};
  modelled_fleet fleet{world, random, [&s](nanoseconds t, int replica) {
                         return s.fault(std::chrono::duration<double>(t).count(), replica);
                       }};
  std::unique_ptr<modelled_client> c;
  if (client == "ours") c = std::make_unique<our_client>(world, random, fleet);
  if (client == "no breaker") c = std::make_unique<plain_client>(world, random, fleet);
  if (client == "consecutive") c = std::make_unique<consecutive_breaker_client>(world, random, fleet);
  if (client == "resilience4j") c = std::make_unique<resilience4j_client>(world, random, fleet);
  if (client == "Envoy") c = std::make_unique<envoy_client>(world, random, fleet);

  scenario_result r;
  std::vector<nanoseconds> latencies;
  std::array<int, seconds + 1> offered{}, useful{};
  std::function<void()> arrive = [&] {
    const auto began = world.now();
    if (began >= start + seconds * 1s) return;
    world.after(exponential(random, 1'000'000'000ns / per_second), arrive);
    const auto second = static_cast<std::size_t>((began - start) / 1s);
    ++r.calls;
    ++offered[second];
    c->call(began + 1s, [&, began, second](call_end how) {
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

  std::sort(latencies.begin(), latencies.end());
  r.p99 = latencies[latencies.size() * 99 / 100];
  const auto good = [&](int second) {
    const auto i = static_cast<std::size_t>(second);
    return second >= seconds || useful[i] >= 0.98 * offered[i];
  };
  int recovered = s.fault_ends;
  while (recovered < seconds && !(good(recovered) && good(recovered + 1) && good(recovered + 2))) ++recovered;
  r.recovery = recovered - s.fault_ends;
  return r;
}

inline void print_header(std::ostream& out) {
  out << std::left << std::setw(22) << "scenario" << std::setw(14) << "client" << std::right << std::setw(9)
      << "useful %" << std::setw(9) << "failed %" << std::setw(10) << "refused %" << std::setw(12) << "recovery s"
      << std::setw(9) << "p99 ms" << "\n";
}
inline void print(std::ostream& out, const scenario& s, std::string_view client, const scenario_result& r) {
  const auto share = [&](int n) { return 100.0 * n / r.calls; };
  out << std::left << std::setw(22) << s.name << std::setw(14) << client << std::right << std::fixed
      << std::setprecision(1) << std::setw(9) << share(r.useful) << std::setw(9) << share(r.failed) << std::setw(10)
      << share(r.refused) << std::setprecision(0) << std::setw(12) << r.recovery << std::setw(9)
      << static_cast<double>(r.p99.count()) / 1e6 << "\n";
}

}  // namespace banyan::test
