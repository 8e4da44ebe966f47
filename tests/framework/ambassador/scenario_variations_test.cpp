#include <catch2/catch.hpp>
#include <tests/framework/ambassador/scenario_variations.hpp>

using namespace banyan;
using namespace banyan::test;

namespace {

double share(int n, const scenario_result& r) { return static_cast<double>(n) / r.calls; }

}  // namespace

TEST_CASE("in no variation ours gives up many useful calls, or sends many more to a callee in trouble") {
  for (const auto& s : variations()) {
    const auto ours = play(s, "ours", 1), without = play(s, "no breaker", 1);
    INFO(s.name << ": useful " << share(ours.useful, ours) << ", without a breaker " << share(without.useful, without)
                << "; into trouble " << share(ours.into_trouble, ours) << ", without "
                << share(without.into_trouble, without));
    // The most is lost when the network fails and works by turns of half a second: each time it works, the ramp has
    // only begun.
    CHECK(share(ours.useful, ours) >= share(without.useful, without) - 0.3);
    CHECK(share(ours.into_trouble, ours) <= share(without.into_trouble, without) + 0.15);  // retries
  }
}

TEST_CASE("however many of the endpoints fail or are slow, the others serve nearly all calls") {
  int seen = 0;
  for (const auto& s : variations()) {
    const bool is_partial = s.name.find(" of ") != std::string::npos && s.name.find("spikes") == std::string::npos;
    if (!is_partial && !s.name.starts_with("one ")) continue;
    const auto ours = play(s, "ours", 1);
    INFO(s.name);
    CHECK(share(ours.useful, ours) > 0.99);
    ++seen;
  }
  CHECK(seen >= 8);
}
