// How fast the shop is simulated: simulated seconds per real second, seeds per minute, and what states the seeds reach. Each seed is 85
// virtual seconds or more, 200 orders and 18 faults; the same runs as tests/simulation, without a test program's own cost.
//
//   bench_simulation [--seeds 60] [--rounds 1] [--json FILE]
#include <tests/bench/command_line.hpp>
#include <tests/simulation/shop_run.hpp>

#include <algorithm>
#include <iostream>

int main(int argc, char** argv) {
  using namespace banyan;
  bench::command_line line{"bench_simulation", "Simulated seconds of the sample shop per real second", 1};
  int seeds = 60;
  line.number("--seeds,seeds", seeds, "Seeds per round");
  if (auto code = line.parse(argc, argv)) return *code;
  std::vector<double> per_minute;
  for (int round = 0; round < line.rounds(); ++round) {
    const auto report = simulate(shop_test::forgetful_shop(), shop_test::shop_plan(static_cast<std::uint64_t>(seeds)), shop_test::run_shop);
    std::cout << to_string(report);
    if (report.failure) return 1;
    per_minute.push_back(static_cast<double>(report.seeds) * 60e9 / static_cast<double>(report.real.count().count()));
  }
  std::sort(per_minute.begin(), per_minute.end());
  const auto median = per_minute[per_minute.size() / 2];
  if (line.rounds() > 1) std::cout << "median of " << line.rounds() << " rounds: " << static_cast<int>(median) << " seeds a minute\n";
  return line.write_json([&](std::ostream& out) { out << "{\"bench\":\"simulation\",\"seeds_per_minute\":" << median << "}\n"; }) ? 0 : 1;
}
