#include <banyan/ambassador/endpoint_table.hpp>
#include <banyan/simulation/seeded_random.hpp>

#include <catch2/catch.hpp>
#include <tests/framework/ambassador/virtual_time.hpp>

#include <set>
#include <string>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

constexpr circuit_breaker quick{.min_calls = 1, .jitter = 0, .ramp = 0s};

struct table {
  explicit table(int n, circuit_breaker guard = quick)
      : of{{}, outlier_options{}, [guard](const endpoint&) { return std::make_unique<breaker>(guard); }, start} {
    endpoint_list list;
    for (int i = 0; i < n; ++i) list.push_back({"node-" + std::to_string(i), ""});
    all = of.update(std::make_shared<const endpoint_list>(list), start);
  }
  link_endpoint& at(int i) { return *(*all)[static_cast<std::size_t>(i)]; }
  breaker_state state(int i) { return at(i).guard->snapshot(now).state; }
  // A call to the endpoint; false when its breaker refuses.
  bool call(int i, bool works, nanoseconds takes = 10ms) {
    const auto admitted = at(i).guard->acquire(now);
    if (!admitted) return false;
    of.begin(at(i));
    of.record(at(i), admitted.permit(), works ? call_outcome::success : call_outcome::failure, now);
    of.end(at(i), works ? attempt_result::success : attempt_result::failure, takes, now);
    return true;
  }
  // Those that calls are sent to when these refuse.
  std::set<std::string> chosen(std::vector<int> refusing) {
    endpoint_table::unwanted by;
    for (const int i : refusing) by.refused.push_back(&at(i));
    std::set<std::string> names;
    for (int i = 0; i < 400; ++i)
      if (const auto e = of.choose(*all, by, random, 0, now)) names.insert(e->where.node);
    return names;
  }

  monotonic now = start;
  seeded_random random{1};
  endpoint_table of;
  std::shared_ptr<const endpoint_table::endpoints> all;
};

}  // namespace

TEST_CASE("a breaker that closes wakes the two whose time open is over first") {
  table t{5};
  for (int i = 0; i < 5; ++i) {
    t.call(i, false);
    t.now += 10ms;
  }
  t.now = start + 1s;
  CHECK(t.call(0, true));
  CHECK(t.call(0, true));
  CHECK_FALSE(t.call(1, true));  // its second is not over
  CHECK(t.call(0, true));
  CHECK(t.state(0) == breaker_state::closed);
  CHECK(t.call(1, true));
  CHECK(t.call(2, true));
  CHECK_FALSE(t.call(3, true));
  CHECK_FALSE(t.call(4, true));
  CHECK(t.call(1, true));
  CHECK(t.call(1, true));
  CHECK(t.state(1) == breaker_state::closed);
  CHECK(t.call(3, true));
  CHECK(t.call(4, true));
}

TEST_CASE("a failure counts as no latency: an endpoint that fails quickly does not draw calls") {
  table t{2, {.min_calls = 100}};
  for (int i = 0; i < 3; ++i) {
    t.call(0, true, 10ms);
    t.call(1, true, 10ms);
    t.now += 1s;
  }
  const auto before = t.at(1).load.cost(t.now);
  t.call(1, false, 1ns);
  t.call(1, false, 10s);
  CHECK(t.at(1).load.cost(t.now) == before);
  CHECK(t.at(1).load.in_flight() == 0);
}

TEST_CASE("ejected endpoints are chosen when breakers refuse and fewer than half are left") {
  table t{8, {.min_calls = 100}};
  for (int e = 0; e < 8; ++e) t.call(e, true);
  for (int e = 0; e < 3; ++e)
    for (int i = 0; i < 6; ++i) t.call(e, false);
  CHECK(t.of.ejections(t.now)[2].ejected);
  CHECK_FALSE(t.of.ejections(t.now)[3].ejected);
  CHECK(t.chosen({}) == std::set<std::string>{"node-3", "node-4", "node-5", "node-6", "node-7"});
  CHECK(t.chosen({7}) == std::set<std::string>{"node-3", "node-4", "node-5", "node-6"});
  CHECK(t.chosen({6, 7}) == std::set<std::string>{"node-0", "node-1", "node-2", "node-3", "node-4", "node-5"});
  CHECK(t.chosen({3, 4, 5, 6, 7}) == std::set<std::string>{"node-0", "node-1", "node-2"});
}
