// How fast the shop is simulated: simulated seconds per real second, seeds per minute, and what states the seeds reach. Each seed is 85
// virtual seconds or more, 200 orders and 18 faults; the same runs as tests/simulation, without a test program's own cost.
//
//   bench_simulation [seeds]
#include <tests/simulation/shop_run.hpp>

#include <cstdlib>
#include <iostream>

int main(int argc, char** argv) {
  const auto seeds = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 60;
  const auto report = banyan::simulate(shop_test::forgetful_shop(), shop_test::shop_plan(seeds), shop_test::run_shop);
  std::cout << to_string(report);
  return report.failure ? 1 : 0;
}
