// Checkouts in simulation: the power fails at every step of one, answers are lost and doubled, customers cancel,
// operators stop sagas. BANYAN_SEEDS: another number of seeds, of each test.
#include <tests/simulation/checkout_run.hpp>

#include <catch2/catch.hpp>

#include <iostream>

using namespace checkout_test;

namespace {

#ifdef NDEBUG
constexpr std::uint64_t usual_seeds = 500, seeds_apart = 100;
#else
constexpr std::uint64_t usual_seeds = 40, seeds_apart = 10;
#endif
constexpr std::size_t orders = 5;

// Given up never, soon, or when most are done.
const application& a_shop(random_source& random) {
  static const application shops[] = {shop_with_operator("0s"), shop_with_operator("50ms"), shop_with_operator("2s")};
  return shops[below(random, std::size(shops))];
}

fault_options faults_of(std::vector<std::string> nodes, int count) {
  return {.nodes = std::move(nodes), .count = count, .within = 6s, .kinds = shop_test::faults_of_a_shop()};
}

simulation_report played(simulate_options options, const scenario& play) {
  auto report = simulate(std::move(options), play);
  std::cout << to_string(report);
  if (report.failure) FAIL(to_string(report));
  return report;
}

}  // namespace

TEST_CASE("A checkout ends with one charge and one confirmation, or undone, wherever the power fails") {
  std::map<std::string, int> met;
  (void)played({.seeds = usual_seeds, .operations = orders, .faults = faults_of({"shop"}, 2)},
               [&](simulation& world, const workload& some) {
                 world.add("shop", a_shop(world.random()));
                 run_checkouts(world, some, {"shop"}, met);
               });
  for (const char* step :
       {"orders.review_order", "inventory.take_stock", "orders.await_payment", "payments.charge", "timer",
        "orders.confirm_order", "orders.abandon_order", "undo payments.call_off", "undo inventory.take_stock",
        "undo orders.abandon_order", "payments.refund"}) {
    CAPTURE(step);
    CHECK(met[step] > 0);
  }
}

TEST_CASE("The same holds when each service is on a node of its own, and answers are lost and doubled on the way") {
  std::map<std::string, int> met;
  const auto report = played({.seeds = seeds_apart,
                              .operations = orders,
                              .faults = faults_of({"front", "stock", "till"}, 6),
                              .world = {.network = {1ms, 10ms}, .shared_journal = true, .patience = 12s}},
                             [&](simulation& world, const workload& some) {
                               const auto& app = a_shop(world.random());
                               world.add("front", app, {"gateway", "orders", "customers", "cart"});
                               world.add("stock", app, {"inventory"});
                               world.add("till", app, {"payments"});
                               world.add("bank", app, {"acquirer"});
                               world.add("goods", app, {"catalog"});
                               run_checkouts(world, some, {"front", "stock", "till"}, met);
                             });
  const auto& links = report.counts.links;
  for (const auto n : {links.dropped, links.duplicated, links.cut}) CHECK(n > 0);
}
