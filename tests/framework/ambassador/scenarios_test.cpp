#include <catch2/catch.hpp>
#include <tests/framework/ambassador/scenarios.hpp>

#include <map>
#include <string_view>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

using row = std::map<std::string_view, scenario_result>;

// Played once for all test cases.
const std::map<std::string_view, row>& table() {
  static const auto all = [] {
    std::map<std::string_view, row> t;
    for (const auto& s : scenarios())
      for (const auto client : clients) t[s.name][client] = play(s, client, 1);
    return t;
  }();
  return all;
}
double useful(const scenario_result& r) { return static_cast<double>(r.useful) / r.calls; }
double failed(const scenario_result& r) { return static_cast<double>(r.failed) / r.calls; }

}  // namespace

TEST_CASE("every call ends once: useful, failed or refused") {
  for (const auto& [name, r] : table())
    for (const auto& [client, result] : r) {
      INFO(name << ", " << client);
      CHECK(result.useful + result.failed + result.refused == result.calls);
    }
}

TEST_CASE("in every scenario ours has as many useful calls as other breakers, to one percent") {
  for (const auto& [name, r] : table())
    for (const auto client : {"consecutive", "resilience4j"}) {
      INFO(name << ": ours " << useful(r.at("ours")) << ", " << client << " " << useful(r.at(client)));
      CHECK(useful(r.at("ours")) >= useful(r.at(client)) - 0.01);
    }
}

TEST_CASE("where a part of the calls or endpoints fails, ours has the most useful calls, to half a percent") {
  for (const auto name : {"sudden 20 %", "one of eight slow", "one of eight failing"})
    for (const auto& [client, other] : table().at(name)) {
      INFO(name << ": ours " << useful(table().at(name).at("ours")) << ", " << client << " " << useful(other));
      CHECK(useful(table().at(name).at("ours")) >= useful(other) - 0.005);
      CHECK(useful(table().at(name).at("ours")) > 0.98);
    }
}

TEST_CASE("callers are spared most failures that they have without a breaker") {
  for (const auto& [name, r] : table()) {
    INFO(name << ": ours " << failed(r.at("ours")) << ", without " << failed(r.at("no breaker")));
    CHECK(failed(r.at("ours")) <= failed(r.at("no breaker")) / 4);
  }
}

TEST_CASE("after a fault calls succeed again within seconds") {
  for (const auto& [name, r] : table()) {
    INFO(name << " " << r.at("ours").recovery);
    CHECK(r.at("ours").recovery <= 10);
  }
}
