// The tables of the ambassador and the circuit breaker in virtual time: how callers fare while a service fails in nine
// ways, beside the rules of others, and what the service has to bear meanwhile; and how many requests reach the last of
// three services for each of a user. Rounds are further seeds: shares are of all calls, recovery and p99 are means.
//
//   bench_scenarios [--seed 1] [--rounds 1] [--variations 1] [--json FILE]
#include <tests/bench/command_line.hpp>
#include <tests/framework/ambassador/amplification.hpp>
#include <tests/framework/ambassador/scenario_variations.hpp>

#include <iostream>

namespace {

void print_amplification(std::uint64_t seed) {
  using namespace banyan::test;
  struct row {
    const char* name;
    amplification_case of;
  };
  const row rows[] = {
      {"refuses, no budgets", {.last = last_service::refuses, .budgeted = false, .per_second = 50}},
      {"silent, no budgets", {.last = last_service::is_silent, .budgeted = false, .per_second = 50}},
      {"refuses", {.last = last_service::refuses}},
      {"silent", {.last = last_service::is_silent}},
      {"refuses, hedged", {.last = last_service::refuses, .hedged = true}},
      {"silent, hedged", {.last = last_service::is_silent, .hedged = true}},
      {"healthy, hedged", {.last = last_service::is_healthy, .hedged = true}},
      {"slow at times, hedged", {.last = last_service::is_slow_at_times, .hedged = true}},
  };
  std::cout << std::left << std::setw(26) << "last of three services" << std::right << std::setw(10) << "requests"
            << std::setw(14) << "above floor" << std::setw(16) << "p99 of seconds" << "\n";
  for (auto r : rows) {
    r.of.seed = seed;
    const auto m = measure_amplification(r.of);
    std::cout << std::left << std::setw(26) << r.name << std::right << std::fixed << std::setprecision(2)
              << std::setw(10) << m.mean << std::setw(14) << m.above_floor << std::setw(16) << m.p99 << "\n";
  }
}

}  // namespace

int main(int argc, char** argv) {
  using namespace banyan;
  bench::command_line line{"bench_scenarios", "Calls while a service fails, in virtual time", 1};
  int seed = 1, with_variations = 0;
  line.number("--seed", seed, "of arrivals, service times and faults");
  line.number("--variations", with_variations, "1: also with other periods, shares, fleets and loads", 0, 1);
  if (auto code = line.parse(argc, argv)) return *code;
  test::print_header(std::cout);
  std::string json;
  auto all = test::scenarios();
  if (with_variations == 1) all.insert(all.end(), test::variations().begin(), test::variations().end());
  for (const auto& s : all)
    for (const auto client : test::clients) {
      const auto r = test::play_all(s, client, static_cast<std::uint64_t>(seed), line.rounds());
      test::print(std::cout, s, client, r);
      json += std::string{json.empty() ? "" : ","} + "{\"scenario\":\"" + s.name + "\",\"client\":\"" +
              std::string{client} + "\",\"calls\":" + std::to_string(r.calls) +
              ",\"useful\":" + std::to_string(r.useful) + ",\"failed\":" + std::to_string(r.failed) +
              ",\"refused\":" + std::to_string(r.refused) +
              ",\"into_trouble\":" + std::to_string(r.into_trouble) + ",\"recovery_s\":" + std::to_string(r.recovery) +
              ",\"p99_ns\":" + std::to_string(r.p99.count()) + "}";
    }
  std::cout << "\n";
  print_amplification(static_cast<std::uint64_t>(seed));
  const auto write = [&](std::ostream& out) { out << "{\"bench\":\"scenarios\",\"rows\":[" << json << "]}\n"; };
  return line.write_json(write) ? 0 : 1;
}
