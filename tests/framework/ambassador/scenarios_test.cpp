#include <catch2/catch.hpp>
#include <tests/framework/ambassador/scenarios.hpp>

#include <map>
#include <string_view>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

using row = std::map<std::string_view, scenario_result>;

row play_all(const scenario& s, std::uint64_t seed) {
  row r;
  for (const auto client : clients) r[client] = play(s, client, seed);
  return r;
}
double useful(const scenario_result& r) { return static_cast<double>(r.useful) / r.calls; }

}  // namespace

TEST_CASE("as many calls are useful with ours as with any other, to two percent, and it recovers no later") {
  for (const auto& s : scenarios()) {
    const auto r = play_all(s, 1);
    const auto& ours = r.at("ours");
    for (const auto& [client, other] : r) {
      INFO(s.name << ": ours " << useful(ours) << ", " << client << " " << useful(other));
      CHECK(useful(ours) >= useful(other) - 0.02);
      if (client == "consecutive" || client == "resilience4j") CHECK(ours.recovery <= other.recovery + 1);
    }
    for (const auto& [client, result] : r) CHECK(result.useful + result.failed + result.refused == result.calls);
  }
}
