#include <catch2/catch.hpp>
#include <tests/framework/ambassador/scenarios.hpp>

#include <map>
#include <string>
#include <string_view>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

using row = std::map<std::string_view, scenario_result>;
constexpr int seeds = 2;

// Played once for all test cases.
const std::map<std::string, row>& table() {
  static const auto all = [] {
    std::map<std::string, row> t;
    for (const auto& s : scenarios())
      for (const auto client : clients) t[s.name][client] = play_all(s, client, 1, seeds);
    return t;
  }();
  return all;
}
double useful(const scenario_result& r) { return static_cast<double>(r.useful) / r.calls; }
double failed(const scenario_result& r) { return static_cast<double>(r.failed) / r.calls; }
double into_trouble(const scenario_result& r) { return static_cast<double>(r.into_trouble) / r.calls; }

}  // namespace

TEST_CASE("every call ends once: useful, failed or refused") {
  for (const auto& [name, r] : table())
    for (const auto& [client, result] : r) {
      INFO(name << ", " << client);
      CHECK(result.useful + result.failed + result.refused == result.calls);
    }
}

// To some percent, for the consecutive-failure breaker is open for 30 s, which is how long some of the faults last.
TEST_CASE("in every scenario ours has as many useful calls as other breakers, to two and a half percent") {
  for (const auto& [name, r] : table())
    for (const auto client : {"consecutive", "resilience4j"}) {
      INFO(name << ": ours " << useful(r.at("ours")) << ", " << client << " " << useful(r.at(client)));
      CHECK(useful(r.at("ours")) >= useful(r.at(client)) - 0.025);
    }
}

TEST_CASE("where a part of the calls or endpoints fails, ours has the most useful calls, to half a percent") {
  for (const auto name : {"sudden 20 %", "one of eight slow", "one of eight failing", "flapping network"})
    for (const auto& [client, other] : table().at(name)) {
      INFO(name << ": ours " << useful(table().at(name).at("ours")) << ", " << client << " " << useful(other));
      CHECK(useful(table().at(name).at("ours")) >= useful(other) - 0.005);
    }
  for (const auto name : {"sudden 20 %", "one of eight slow", "one of eight failing"})
    CHECK(useful(table().at(name).at("ours")) > 0.98);
}

// Where all fail together, a breaker refuses calls of which some would have succeeded, to spare a callee in trouble.
TEST_CASE("where all endpoints fail, ours gives up few useful calls, and spares the callee more than it gives up") {
  for (const auto& [name, r] : table())
    for (const auto client : {"no breaker", "Envoy"}) {
      const auto& ours = r.at("ours");
      const auto& other = r.at(client);
      const double given_up = useful(other) - useful(ours), spared = into_trouble(other) - into_trouble(ours);
      INFO(name << ": ours " << useful(ours) << ", " << client << " " << useful(other) << ", spared " << spared);
      CHECK(given_up <= 0.07);
      CHECK(given_up <= std::max(0.005, spared));
    }
}

TEST_CASE("a callee in trouble gets at most two thirds of the requests that it gets without a breaker") {
  for (const auto& [name, r] : table()) {
    const double without = into_trouble(r.at("no breaker"));
    INFO(name << ": ours " << into_trouble(r.at("ours")) << ", without " << without);
    if (without >= 0.02) CHECK(into_trouble(r.at("ours")) <= without * 2 / 3);
  }
}

TEST_CASE("callers are spared half of the failures that they have without a breaker, at least") {
  for (const auto& [name, r] : table()) {
    INFO(name << ": ours " << failed(r.at("ours")) << ", without " << failed(r.at("no breaker")));
    CHECK(failed(r.at("ours")) <= failed(r.at("no breaker")) / 2);
  }
}

TEST_CASE("after a fault calls succeed again within seconds") {
  for (const auto& [name, r] : table()) {
    INFO(name << " " << r.at("ours").recovery);
    CHECK(r.at("ours").recovery <= 5);
  }
}
