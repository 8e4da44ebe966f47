// What goes wrong, as data: faults and links.
#include <banyan/simulation/faults.hpp>
#include <banyan/simulation/link.hpp>
#include <banyan/simulation/seeded_random.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <set>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

constexpr monotonic start{1s};

std::string text_of(const fault_plan& plan) {
  std::string all;
  for (const auto& f : plan) all += to_string(f) + "\n";
  return all;
}

}  // namespace

TEST_CASE("A fault plan is a function of its seed") {
  const auto plan = [](std::uint64_t seed) {
    seeded_random random{seed, "faults"};
    return text_of(random_faults({.nodes = {"a", "b"}, .count = 20}, random));
  };
  CHECK(plan(1) == plan(1));
  CHECK(plan(1) != plan(2));
}

TEST_CASE("No kind of fault comes twice before each has come once, in the order of time and within it") {
  seeded_random random{3};
  for (int round = 0; round < 50; ++round) {
    const auto plan = random_faults({.nodes = {"a"}, .count = 16, .within = 10s}, random);
    REQUIRE(plan.size() == 16);
    std::set<std::pair<fault_kind, crash_point>> kinds;
    for (const auto& f : plan) kinds.emplace(f.kind, f.during);
    CHECK(kinds.size() == 16);
    CHECK(std::is_sorted(plan.begin(), plan.end(), [](const auto& x, const auto& y) { return x.at < y.at; }));
    CHECK(plan.back().at <= timespan{10s});
  }
}

TEST_CASE("Only what is wanted goes wrong, and a link has two ends") {
  seeded_random random{4};
  for (const auto& f : random_faults({.nodes = {"a", "b"}, .count = 50, .kinds = {fault_kind::cut_one_way, fault_kind::drop}}, random)) {
    CHECK((f.kind == fault_kind::cut_one_way || f.kind == fault_kind::drop));
    CHECK(f.node != f.to);
    CHECK(!f.to.empty());
  }
  for (const auto& f : random_faults({.nodes = {"a"}, .count = 10, .kinds = {fault_kind::crash}, .during = {crash_point::append}}, random))
    CHECK((f.kind == fault_kind::crash && f.during == crash_point::append));
  CHECK(random_faults({.nodes = {}}, random).empty());
}

TEST_CASE("A fault reads as a sentence") {
  CHECK(to_string(planned_fault{
            .kind = fault_kind::crash, .at = 12034ms, .node = "shop", .during = crash_point::append, .steps = 2, .lasts = 300ms}) ==
        "12.034 s: the power of shop fails during an append, 2 messages in; it is back after 0.300 s");
  CHECK(to_string(planned_fault{.kind = fault_kind::cut_one_way, .at = 1s, .node = "clients", .to = "shop", .lasts = 2s}) ==
        "1.000 s: the link clients -> shop is cut, this way only, for 2.000 s");
}

TEST_CASE("A link in good health keeps the order and its latency") {
  seeded_random random{1};
  simulated_link l{{1ms, 5ms}};
  auto last = start;
  for (int i = 0; i < 200; ++i) {
    const auto now = start + i * 100us;
    const auto at = l.carry(now, random);
    REQUIRE(at.size() == 1);
    CHECK(at[0] >= last);
    CHECK(at[0] >= now + 1ms);
    CHECK(at[0] <= now + 5ms);
    last = at[0];
  }
  CHECK(l.counts().carried == 200);
}

TEST_CASE("A cut link carries nothing until it is mended, a healed one all") {
  seeded_random random{1};
  simulated_link l;
  l.cut(start + 1s);
  CHECK(l.carry(start, random).empty());
  CHECK(l.carry(start + 1s, random).size() == 1);
  l.cut(start + 10s);
  l.heal();
  CHECK(l.carry(start + 2s, random).size() == 1);
  CHECK(l.counts().cut == 1);
}

TEST_CASE("Loss, duplicates, delay and disorder strike a share, and only while they last") {
  seeded_random random{1};
  simulated_link l{{1ms, 1ms}};
  const auto many = [&](monotonic now) {
    std::map<std::size_t, int> by_arrivals;
    for (int i = 0; i < 1000; ++i) ++by_arrivals[l.carry(now, random).size()];
    return by_arrivals;
  };
  l.drop(0.3, start + 1s);
  auto seen = many(start);
  CHECK(seen[0] > 200);
  CHECK(seen[0] < 400);
  l.heal();
  l.duplicate(0.3, start + 1s);
  seen = many(start);
  CHECK(seen[2] > 200);
  CHECK(seen[0] == 0);
  CHECK(many(start + 1s)[1] == 1000);
  simulated_link late;
  late.delay(500ms, start + 1s);
  late.reorder(start + 1s);
  many(start);
  bool is_late = false;
  for (int i = 0; i < 100; ++i) is_late = late.carry(start, random)[0] > start + 200ms || is_late;
  CHECK(is_late);
  CHECK(late.counts().reordered > 0);
  CHECK(late.counts().delayed == 100);
}
