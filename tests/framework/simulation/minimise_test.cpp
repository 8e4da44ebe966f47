// How a failing run is made smaller, what is due when, and how it is told.
#include <banyan/simulation/minimise.hpp>
#include <banyan/simulation/trace_log.hpp>
#include <banyan/simulation/timeline.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace banyan;
using namespace std::chrono_literals;

namespace {
using parts = std::vector<std::size_t>;
bool has(const parts& some, std::size_t x) { return std::find(some.begin(), some.end(), x) != some.end(); }
}  // namespace

TEST_CASE("The parts that a failure takes are found, and no others") {
  for (std::size_t one : {0u, 5u, 19u}) {
    for (std::size_t other : {1u, 6u, 18u}) {
      int budget = 1000;
      CHECK(fewest_parts(
                20, [&](const parts& some) { return has(some, one) && has(some, other); }, budget) ==
            parts{std::min(one, other), std::max(one, other)});
      CHECK(budget > 800);
    }
  }
}

TEST_CASE("A failure that takes nothing is made nothing, one that takes all stays whole") {
  int budget = 1000;
  CHECK(fewest_parts(
            20, [](const parts&) { return true; }, budget)
            .empty());
  CHECK(budget == 999);
  CHECK(fewest_parts(
            5, [](const parts& some) { return some.size() == 5; }, budget) == parts{0, 1, 2, 3, 4});
  CHECK(fewest_parts(
            0, [](const parts&) { return false; }, budget)
            .empty());
}

TEST_CASE("When the budget is spent the best so far is the answer, and it fails") {
  for (int given = 0; given < 12; ++given) {
    int budget = given, asked = 0;
    const auto kept = fewest_parts(
        50, [&](const parts& some) { return ++asked, has(some, 42); }, budget);
    CHECK(has(kept, 42));
    CHECK(asked == given - budget);
  }
}

TEST_CASE("What is left is minimal: without any part of it nothing fails") {
  const auto fails = [](const parts& some) { return (has(some, 2) && has(some, 9)) || (has(some, 4) && has(some, 11) && has(some, 13)); };
  int budget = 1000;
  const auto kept = fewest_parts(16, fails, budget);
  CHECK(fails(kept));
  for (std::size_t i = 0; i < kept.size(); ++i) {
    auto without = kept;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK(!fails(without));
  }
}

TEST_CASE("What is due happens in the order of its instant, then of its coming") {
  timeline t;
  std::string told;
  const monotonic zero{};
  t.add(zero + 2s, 0, [&] { told += "c"; });
  t.add(zero + 1s, 0, [&] { told += "a"; });
  t.add(zero + 1s, 1, [&] {
    told += "b";
    t.add(zero, 1, [&] { told += "!"; });
  });
  CHECK(t.next() == zero + 1s);
  CHECK(t.run_due(zero + 1s));
  CHECK(told == "ab!");
  CHECK(t.run_due(zero + 5s));
  CHECK(told == "ab!c");
  CHECK(!t.run_due(zero + 9s));
}

TEST_CASE("What a node had before it is forgotten when it crashes, and waits while it is paused") {
  timeline t;
  std::string told;
  const monotonic zero{};
  t.add(zero + 1s, 0, [&] { told += "0"; });
  t.add(zero + 1s, 1, [&] { told += "1"; });
  t.forget(0);
  t.hold(1, zero + 10s);
  t.add(zero + 2s, 1, [&] { told += "2"; });
  t.run_due(zero + 9s);
  CHECK(told.empty());
  CHECK(t.next() == zero + 10s);
  t.run_due(zero + 10s);
  CHECK(told == "12");
}

TEST_CASE("A trace_log keeps its last lines, each with instant and place") {
  trace_log s{2};
  for (int i = 1; i <= 3; ++i) s.record(i * 1500ms, "shop", "line " + std::to_string(i));
  REQUIRE(s.lines().size() == 2);
  CHECK(s.lines()[0] == "    3.000 s  shop       line 2");
  CHECK(s.forgotten() == 1);
  trace_log silent;
  silent.record(1s, "shop", "nothing");
  CHECK(silent.lines().empty());
}
