// What a power failure leaves of the writes that a simulated disk was doing.
#include <banyan/simulation/seeded_random.hpp>
#include <banyan/simulation/simulated_views.hpp>

#include <catch2/catch.hpp>

#include <functional>
#include <set>
#include <utility>
#include <vector>

using namespace banyan;

TEST_CASE("when the power fails, some of the changes under way are stored, in their order, and nobody knows which") {
  const delivery_options mail{"orders.placed", "mail"};
  const journal_history history{derive(uuid{}, 1, "the journal")};
  std::set<position> found;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    seeded_random random{seed, "the disk"};
    std::vector<std::function<void()>> steps;
    simulated_views disk{system_clock(), [&](std::function<void()> step) { steps.push_back(std::move(step)); }};
    const auto drain = [&] {
      for (auto& step : std::exchange(steps, {})) step();
    };
    const auto store = disk.open(mail).value();
    bool is_open = false;
    store->open({history, 100}, [&](result<delivery_store::state> s) { is_open = s.has_value(); });
    CHECK_FALSE(is_open);
    drain();
    REQUIRE(is_open);
    int unknown = 0;
    for (position at = 1; at <= 3; ++at) {
      delivery_change change{.checkpoint = at};
      change.given_up.push_back({at, "e", "a", "orders.placed", "{}", 8, "no luck"});
      store->commit(
          change, [&](result<delivery_store::committed> c) { unknown += !c && c.error().outcome == outcome::unknown; });
    }
    CHECK(disk.pending() == 3);
    disk.crash(random);
    CHECK(unknown == 3);
    CHECK(disk.pending() == 0);
    steps.clear();

    const auto again = disk.open(mail).value();
    again->open({history, 100}, [&](result<delivery_store::state> s) {
      CHECK(s.value().letters.count == s.value().checkpoint);
      found.insert(s.value().checkpoint);
    });
    drain();
  }
  CHECK(found == std::set<position>{0, 1, 2, 3});
}
