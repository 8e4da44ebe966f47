// Checkouts in simulation: the power fails at every step of one, answers are lost and doubled, customers cancel,
// operators stop sagas. BANYAN_SEEDS: another number of seeds.
#include <tests/simulation/checkout_run.hpp>

#include <catch2/catch.hpp>

#include <iostream>

using namespace checkout_test;

namespace {

#ifdef NDEBUG
constexpr std::uint64_t usual_seeds = 500;
#else
constexpr std::uint64_t usual_seeds = 40;
#endif
constexpr std::size_t orders = 5;

void check_report(const simulation_report& report) {
  std::cout << to_string(report);
  if (report.failure) FAIL(to_string(report));
}

}  // namespace

TEST_CASE("A checkout ends with one charge and one confirmation, or undone, wherever the power fails") {
  std::map<std::string, int> met;
  const auto play = [&](simulation& world, const workload& some) { run_checkouts(world, some, {"shop"}, met); };
  // Given up never, soon, or when most are done.
  constexpr const char* patience[] = {"0s", "50ms", "2s"};
  for (std::uint64_t n = 0; n < std::size(patience); ++n) {
    const auto app = shop_with_operator(patience[n]);
    const auto seeds = usual_seeds / std::size(patience) + (n < usual_seeds % std::size(patience) ? 1 : 0);
    const fault_options faults{
        .nodes = {"shop"}, .count = 2, .within = 6s, .kinds = shop_test::faults_of_a_shop()};
    check_report(simulate(app,
                          {.first_seed = 1 + n * 1'000'000, .seeds = seeds, .operations = orders, .faults = faults},
                          play));
  }
  for (const char* step :
       {"orders.review_order", "inventory.take_stock", "orders.await_payment", "payments.charge", "timer",
        "orders.confirm_order", "orders.abandon_order", "undo payments.call_off", "undo inventory.take_stock",
        "undo orders.abandon_order", "payments.refund"}) {
    CAPTURE(step);
    CHECK(met[step] > 0);
  }
}
