#include <banyan/ambassador/balancer.hpp>
#include <banyan/ambassador/endpoint_states.hpp>
#include <banyan/simulation/seeded_random.hpp>

#include <catch2/catch.hpp>
#include <tests/framework/ambassador/virtual_time.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <queue>
#include <set>
#include <string>
#include <vector>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

using list = std::vector<std::unique_ptr<balanced_endpoint>>;

list named(int n, int from = 0) {
  list all;
  for (int i = from; i < from + n; ++i) all.push_back(std::make_unique<balanced_endpoint>("node-" + std::to_string(i)));
  return all;
}
constexpr auto any = [](std::size_t) { return true; };

}  // namespace

TEST_CASE("where no endpoint is usable, none is chosen; where one is, it is that") {
  seeded_random random{1};
  for (const auto by : {balancing::p2c, balancing::round_robin, balancing::consistent_hash}) {
    const balancer b{{.by = by}};
    CHECK_FALSE(b.choose(list{}, any, random, 1, start));
    const auto five = named(5);
    CHECK_FALSE(b.choose(five, [](std::size_t) { return false; }, random, 1, start));
    for (std::size_t only = 0; only < 5; ++only)
      for (std::uint64_t key = 0; key < 20; ++key)
        CHECK(b.choose(five, [&](std::size_t i) { return i == only; }, random, key, start) == only);
    const auto one = named(1);
    CHECK(b.choose(one, any, random, 1, start) == 0u);
    CHECK_FALSE(b.choose(one, [](std::size_t) { return false; }, random, 1, start));
  }
}

TEST_CASE("what is not usable is never chosen") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    seeded_random random{seed};
    const auto all = named(static_cast<int>(2 + random.next() % 20));
    std::set<std::size_t> usable;
    for (std::size_t i = 0; i < all.size(); ++i)
      if (random.next() % 2 == 0) usable.insert(i);
    for (const auto by : {balancing::p2c, balancing::round_robin, balancing::consistent_hash}) {
      const balancer b{{.by = by}};
      for (int i = 0; i < 50; ++i) {
        const auto at = b.choose(all, [&](std::size_t e) { return usable.contains(e); }, random, random.next(), start);
        if (at.has_value() == usable.empty() || (at && !usable.contains(*at))) FAIL_CHECK("seed " << seed);
      }
    }
  }
}

TEST_CASE("of two endpoints p2c takes the cheaper one") {
  seeded_random random{1};
  const auto two = named(2);
  two[0]->load.end(10ms, start);
  two[1]->load.end(50ms, start);
  two[0]->load.begin();
  two[1]->load.begin();
  const balancer b;
  for (int i = 0; i < 50; ++i) CHECK(b.choose(two, any, random, 0, start) == 0u);
  for (int i = 0; i < 6; ++i) two[0]->load.begin();
  for (int i = 0; i < 50; ++i) CHECK(b.choose(two, any, random, 0, start) == 1u);
}

TEST_CASE("equal endpoints are chosen equally often, whichever are usable") {
  for (const auto by : {balancing::p2c, balancing::round_robin}) {
    seeded_random random{9};
    const auto eight = named(8);
    for (const auto& e : eight) e->load.begin(), e->load.end(10ms, start);
    const balancer b{{.by = by}};
    for (const std::size_t left_out : {100u, 3u}) {
      std::map<std::size_t, int> chosen;
      const auto usable = [&](std::size_t e) { return e != left_out; };
      for (int i = 0; i < 16'000; ++i) ++chosen[*b.choose(eight, usable, random, 0, start)];
      const int expected = left_out < 8 ? 16'000 / 7 : 2000;
      for (const auto& [e, n] : chosen) {
        INFO(to_string(by) << " " << e);
        CHECK(std::abs(n - expected) < expected / 8);
      }
    }
  }
}

TEST_CASE("p2c never starves: with any latencies, every endpoint is chosen again within a few decays") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    seeded_random random{seed};
    const auto n = 2 + random.next() % 7;
    const auto all = named(static_cast<int>(n));
    std::vector<nanoseconds> latency, last(n, 0ns), longest(n, 0ns);
    for (std::size_t i = 0; i < n; ++i)
      latency.push_back(nanoseconds{static_cast<std::int64_t>(1e6 * std::pow(10.0, 4 * uniform(random)))});
    const balancer b;
    using event = std::pair<monotonic, std::size_t>;
    std::priority_queue<event, std::vector<event>, std::greater<>> under_way;
    for (auto now = start; now < start + 400s; now += 20ms) {
      for (; !under_way.empty() && under_way.top().first <= now; under_way.pop())
        all[under_way.top().second]->load.end(latency[under_way.top().second], under_way.top().first);
      const auto at = *b.choose(all, any, random, 0, now);
      all[at]->load.begin();
      under_way.emplace(now + latency[at], at);
      longest[at] = std::max(longest[at], now - start - last[at]);
      last[at] = now - start;
    }
    for (std::size_t i = 0; i < n; ++i) {
      INFO("seed " << seed << " endpoint " << i << " latency " << latency[i].count());
      // From 10 s to 1 ms: ln(10,000) = 9.2 decays of 10 s.
      CHECK(std::max(longest[i], 400s - last[i]) < 110s);
    }
  }
}

TEST_CASE("with p2c a slow endpoint gets a small part of the calls") {
  seeded_random random{4};
  const auto eight = named(8);
  const balancer b;
  using event = std::pair<monotonic, std::size_t>;
  std::priority_queue<event, std::vector<event>, std::greater<>> under_way;
  int slow = 0, calls = 0;
  for (auto now = start; now < start + 60s; now += 2ms) {
    for (; !under_way.empty() && under_way.top().first <= now; under_way.pop())
      eight[under_way.top().second]->load.end(under_way.top().second == 0 ? 500ms : 5ms, under_way.top().first);
    const auto at = *b.choose(eight, any, random, 0, now);
    eight[at]->load.begin();
    under_way.emplace(now + (at == 0 ? 500ms : 5ms), at);
    ++calls;
    slow += at == 0 ? 1 : 0;
  }
  CHECK(slow > 0);
  CHECK(slow < calls / 200);
}

TEST_CASE("a new endpoint gets one call, and the others when that has ended") {
  seeded_random random{2};
  const auto three = named(3);
  for (const std::size_t known : {0u, 1u}) three[known]->load.begin(), three[known]->load.end(10ms, start);
  const balancer b;
  int to_new = 0;
  for (int i = 0; i < 100; ++i) {
    const auto at = *b.choose(three, any, random, 0, start);
    three[at]->load.begin();
    to_new += at == 2 ? 1 : 0;
  }
  CHECK(to_new == 1);
}

TEST_CASE("a key goes to the same endpoint, and moves only when that is not usable") {
  seeded_random random{1};
  const auto ten = named(10);
  const balancer b{{.by = balancing::consistent_hash}};
  std::map<std::size_t, int> share;
  int moved = 0;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    const auto key = stable_hash(std::to_string(i));
    const auto at = *b.choose(ten, any, random, key, start);
    CHECK(b.choose(ten, any, random, key, start) == at);
    ++share[at];
    const auto without = *b.choose(ten, [](std::size_t e) { return e != 4; }, random, key, start);
    if (at != 4 && without != at) FAIL_CHECK("a key of another endpoint moved");
    moved += at == 4 ? 1 : 0;
  }
  CHECK(share.size() == 10);
  for (const auto& [e, n] : share) CHECK(std::abs(n - 500) < 100);
  CHECK(moved == share[4]);
}

TEST_CASE("a key's endpoint does not depend on the order of the list") {
  seeded_random random{1};
  auto ten = named(10);
  const balancer b{{.by = balancing::consistent_hash}};
  std::map<std::uint64_t, std::uint64_t> before;
  for (std::uint64_t key = 0; key < 500; ++key) before[key] = ten[*b.choose(ten, any, random, key, start)]->name_hash;
  std::reverse(ten.begin(), ten.end());
  for (const auto& [key, name] : before) CHECK(ten[*b.choose(ten, any, random, key, start)]->name_hash == name);
}

TEST_CASE("a hot key loads no endpoint by more than the bound over the mean") {
  seeded_random random{1};
  const auto eight = named(8);
  const balancer b{{.by = balancing::consistent_hash, .load_bound = 1.25}};
  int calls = 0;
  for (int i = 0; i < 400; ++i) {
    const auto at = *b.choose(eight, any, random, random.next() % 2 == 0 ? 7 : random.next(), start);
    eight[at]->load.begin();
    ++calls;
    for (const auto& e : eight)
      if (e->load.in_flight() > std::ceil(1.25 * calls / 8)) FAIL_CHECK(e->load.in_flight() << " of " << calls);
  }
}

TEST_CASE("an endpoint keeps its state while its name is in the list, and its address is the same") {
  struct state {
    explicit state(const endpoint& e) : where{e} {}
    endpoint where;
  };
  endpoint_states<state> known{[](const endpoint& e) { return std::make_shared<state>(e); }};
  CHECK(known.list()->empty());
  const auto make = [](endpoint_list l) { return std::make_shared<const endpoint_list>(std::move(l)); };
  CHECK(known.update(make({{"a", "1"}, {"b", "2"}})));
  const auto first = known.list();
  CHECK_FALSE(known.update(make({{"a", "1"}, {"b", "2"}})));
  CHECK(known.update(make({{"c", "3"}, {"b", "2"}, {"a", "9"}, {"c", "4"}})));
  const auto second = known.list();
  REQUIRE(second->size() == 3);
  CHECK((*second)[0]->where == endpoint{"c", "3"});
  CHECK((*second)[1] == (*first)[1]);
  CHECK((*second)[2] != (*first)[0]);
  CHECK((*second)[2]->where.address == "9");
  CHECK((*first)[0]->where.address == "1");
  CHECK(known.update(make({})));
  CHECK(known.update(make({{"b", "2"}})));
  CHECK((*known.list())[0] != (*first)[1]);
}

TEST_CASE("a state that can move keeps what it knows when the address changes") {
  struct state {
    explicit state(const endpoint& e) : where{e} {}
    void moved(const endpoint& e) { where = e; }
    endpoint where;
  };
  endpoint_states<state> known{[](const endpoint& e) { return std::make_shared<state>(e); }};
  known.update(std::make_shared<const endpoint_list>(endpoint_list{{"a", "1"}}));
  const auto first = (*known.list())[0];
  known.update(std::make_shared<const endpoint_list>(endpoint_list{{"a", "2"}}));
  CHECK((*known.list())[0] == first);
  CHECK(first->where.address == "2");
}

TEST_CASE("each way of balancing has a name") {
  CHECK(to_string(balancing::p2c) == "p2c");
  CHECK(to_string(balancing::consistent_hash) == "consistent_hash");
}
