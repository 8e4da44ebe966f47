// The search for a failing run: it finds planted defects, replays them exactly and makes them small.
#include <tests/framework/simulation/bank.hpp>

#include <catch2/catch.hpp>

#include <iostream>

using namespace bank_test;

namespace {

simulate_options bank_plan(std::uint64_t seeds) {
  return {.seeds = seeds,
          .operations = 25,
          .faults = {.nodes = {"bank", "till"}, .count = 16, .within = 30s},
          .world = {.network = {1ms, 20ms}}};
}

}  // namespace

TEST_CASE("A sound bank keeps its laws whatever breaks") {
  const auto report = simulate(bank_plan(60), pay_in(defect::none));
  if (report.failure) FAIL(to_string(report));
  CHECK(report.counts.messages > report.seeds * 25);
  CHECK(report.counts.during(crash_point::append) > 0);
  CHECK(report.counts.links.dropped > 0);
  CHECK(report.counts.links.duplicated > 0);
}

TEST_CASE("An answer before the disk is found out by an append that is lost or refused, and by nothing else") {
  const auto report = simulate(bank_plan(100), pay_in(defect::answers_before_it_is_stored));
  REQUIRE(report.failure);
  const auto& f = *report.failure;
  CAPTURE(to_string(report));
  CHECK(f.law == "an acknowledged deposit is stored");
  CHECK(f.replays_exactly);
  CHECK(f.found.faults.size() == 16);
  CHECK(f.found.operations.size() == 25);
  REQUIRE(f.faults.size() == 1);
  const auto kind = f.faults[0].kind;
  CHECK((kind == fault_kind::crash || kind == fault_kind::failed_sync || kind == fault_kind::full_queue || kind == fault_kind::oversized));
  CHECK(f.smallest.operations.size() == 1);
  const auto has_line = [&](const std::string& part) {
    return std::any_of(f.trace_log.begin(), f.trace_log.end(), [&](const std::string& line) { return line.find(part) != std::string::npos; });
  };
  CHECK(has_line("account is asked bank_test::deposit"));
  CHECK(has_line("scenario   an acknowledged deposit is stored: "));
}

TEST_CASE("Repeats that are booked again are found out by one lost or doubled message") {
  const auto report = simulate(bank_plan(100), pay_in(defect::books_repeats_again));
  REQUIRE(report.failure);
  const auto& f = *report.failure;
  CAPTURE(to_string(report));
  CHECK(f.law == "a deposit is booked once");
  CHECK(f.replays_exactly);
  CHECK(f.faults.size() == 1);
  CHECK(f.smallest.operations.size() == 1);
}

TEST_CASE("A run is had again by what the report says") {
  const auto found = simulate(bank_plan(100), pay_in(defect::answers_before_it_is_stored));
  REQUIRE(found.failure);
  auto options = bank_plan(100);
  options.replay = to_string(found.failure->smallest);
  const auto again = simulate(options, pay_in(defect::answers_before_it_is_stored));
  REQUIRE(again.failure);
  CHECK(again.failure->message == found.failure->smallest_message);
  CHECK(again.seeds == 1);
  CHECK(again.trace_log.size() >= found.failure->trace_log.size());
  const auto mended = simulate(options, pay_in(defect::none));
  CHECK(!mended.failure);
  CHECK(!mended.trace_log.empty());
}

TEST_CASE("A run as text is read back, what is left out is all of it, and a mistake is refused") {
  const simulated_run whole{1, {0, 1, 2, 3}, {0, 1}};
  const simulated_run some{42, {0, 1, 2, 17}, {2, 7}};
  CHECK(to_string(some) == "seed=42 operations=0-2,17 faults=2,7");
  CHECK(parse_simulated_run(to_string(some), whole).value() == some);
  CHECK(parse_simulated_run("seed=7 faults=none", whole).value() == simulated_run{7, {0, 1, 2, 3}, {}});
  for (auto wrong : {"seed=x", "operation=3", "faults=1,,2", "faults=5-2", "seed"}) CHECK(!parse_simulated_run(wrong, whole));
}

TEST_CASE("A scenario that throws anything has failed, and the report says with what") {
  const auto report = simulate(simulate_options{.seeds = 3, .operations = 5}, [](simulation&, const workload& some) {
    if (some.size() > 1) throw std::runtime_error{"too much"};
  });
  REQUIRE(report.failure);
  CHECK(report.failure->law == "too much");
  CHECK(report.failure->smallest.operations.size() == 2);
  CHECK(to_string(report).find("BANYAN_REPLAY='seed=1 operations=") != std::string::npos);
}
