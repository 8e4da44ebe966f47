// The whole shop in simulation: real services, entities, views and subscriptions, under every kind of fault.
#include <tests/simulation/shop_run.hpp>

#include <catch2/catch.hpp>

#include <iostream>
#include <set>

using namespace shop_test;

namespace {

// Optimised; the other builds are for debugging. BANYAN_SEEDS: another number.
#ifdef NDEBUG
constexpr std::uint64_t usual_seeds = 50;  // its checkout has 500 of its own
#else
constexpr std::uint64_t usual_seeds = 12;
#endif

std::string order_of_events(const simulation& world) {
  std::string all;
  for (auto& e : world.stored()) all += e.stream + "/" + e.type + ";";
  return all;
}

}  // namespace

TEST_CASE("No acknowledged order is lost, and money and stock are conserved, whatever the seed and whatever breaks") {
  const auto report = simulate(forgetful_shop(), shop_plan(usual_seeds), run_shop);
  std::cout << to_string(report);
  if (report.failure) FAIL(to_string(report));
  const auto& c = report.counts;
  CHECK(c.simulated.count() >= 60s * static_cast<int>(report.seeds));
  for (const auto k : faults_of_a_shop()) CHECK(c.struck(k) > 0);
  for (std::size_t m = 1; m < crash_points; ++m) {
    CAPTURE(to_string(static_cast<crash_point>(m)));
    CHECK(c.crashes_during[m] > 0);
  }
  for (auto n : {c.links.dropped, c.links.duplicated, c.links.delayed, c.links.reordered, c.links.cut}) CHECK(n > 0);
}

TEST_CASE("The same holds for services on nodes of their own, whose calls travel encoded and get lost") {
  const auto report = simulate(shop_plan_apart(usual_seeds), run_shop_apart);
  std::cout << to_string(report);
  if (report.failure) FAIL(to_string(report));
  const auto& c = report.counts;
  CHECK(c.messages > 1000 * report.seeds / 10);
  for (const auto k : faults_of_a_shop()) CHECK(c.struck(k) > 0);
  for (auto n : {c.links.dropped, c.links.duplicated, c.links.delayed, c.links.reordered, c.links.cut}) CHECK(n > 0);
}

TEST_CASE("The same seed gives the same run, another seed another one") {
  std::set<std::uint64_t> traces;
  std::set<std::string> orders_of_events;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const auto run = [&] {
      seeded_random random{seed, "faults"};
      auto options = shop_plan(1);
      options.world.seed = seed;
      options.world.faults = random_faults(options.faults, random);
      simulation world{forgetful_shop(), options.world};
      run_shop(world, {0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144});
      return std::pair{world.trace(), order_of_events(world)};
    };
    const auto first = run(), second = run();
    CHECK(first == second);
    traces.insert(first.first);
    orders_of_events.insert(first.second);
  }
  CHECK(traces.size() == 4);
  CHECK(orders_of_events.size() == 4);
}
