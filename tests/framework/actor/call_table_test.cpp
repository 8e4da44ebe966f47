#include <banyan/actor/actor.hpp>

#include <tests/framework/actor/stepped.hpp>

#include <catch2/catch.hpp>

#include <map>
#include <set>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct caller : call_table::waiter {
  void complete(message_ptr) override {}
};

constexpr auto resolution = call_table::resolution;
const monotonic start{10h};

}  // namespace

TEST_CASE("a call is found by its id until it is taken", "[call_table]") {
  call_table table{start};
  caller a, b;
  auto ia = table.add(a, start + 1s), ib = table.add(b, monotonic::max());
  CHECK(ia != 0);
  CHECK(ia != ib);
  CHECK(table.size() == 2);
  CHECK(table.take(ib) == &b);
  CHECK(table.take(ib) == nullptr);
  CHECK(table.take(ia) == &a);
  CHECK(table.size() == 0);
}

TEST_CASE("an old id never finds the call that took its place", "[call_table]") {
  call_table table{start};
  caller a;
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) {
    auto id = table.add(a, monotonic::max());
    CHECK(seen.insert(id).second);
    CHECK(table.take(id) == &a);
  }
  table.add(a, monotonic::max());
  for (auto id : seen) CHECK(table.take(id) == nullptr);
}

TEST_CASE("ids that were never given out find nothing", "[call_table]") {
  call_table table{start};
  CHECK(table.take(0) == nullptr);
  CHECK(table.take(~0ull) == nullptr);
  caller a;
  auto id = table.add(a, monotonic::max());
  CHECK(table.take(id + 1) == nullptr);
  CHECK(table.take(id + (1ull << 32)) == nullptr);
}

TEST_CASE("clearing forgets all calls, and their ids for good", "[call_table]") {
  call_table table{start};
  caller a;
  std::vector<std::uint64_t> ids;
  for (int i = 0; i < 100; ++i) ids.push_back(table.add(a, i % 2 ? start + 1s : monotonic::max()));
  table.clear();
  CHECK(table.size() == 0);
  CHECK(table.take_expired(start + 1h) == nullptr);
  CHECK(table.next_expiry() == monotonic::max());
  for (int i = 0; i < 100; ++i) table.add(a, start + 2h);
  for (auto id : ids) CHECK(table.take(id) == nullptr);
}

TEST_CASE("a crowd of calls leaves nothing behind, and its ids stay unknown", "[call_table]") {
  const int n = GENERATE(1'100, 4'000, 100'000);
  call_table table{start};
  caller a;
  std::vector<std::uint64_t> ids;
  for (int i = 0; i < n; ++i) ids.push_back(table.add(a, i % 2 ? start + 1s : monotonic::max()));
  for (auto id : ids) REQUIRE(table.take(id) == &a);
  CHECK(table.capacity() <= 1024);
  std::vector<std::uint64_t> others;
  for (int i = 0; i < n; ++i) others.push_back(table.add(a, start + 1s));
  for (auto id : ids) REQUIRE(table.take(id) == nullptr);
  CHECK(table.size() == static_cast<std::size_t>(n));
  while (table.take_expired(start + 2s)) {
  }
  CHECK(table.size() == 0);
  CHECK(table.capacity() <= 1024);
  CHECK(table.next_expiry() == monotonic::max());
}

TEST_CASE("a deadline that has passed before the call was made expires at the next look", "[call_table]") {
  call_table table{start};
  CHECK(table.take_expired(start + 10s) == nullptr);
  caller a;
  table.add(a, start + 1s);
  CHECK(table.take_expired(start + 10s + resolution) == &a);
}

TEST_CASE("a table that slept for long gives out everything that expired, and only that", "[call_table]") {
  call_table table{start};
  std::vector<caller> early(1000), late(1000);
  for (auto& c : early) table.add(c, start + 10ms + 7ms * (&c - early.data()));
  for (auto& c : late) table.add(c, start + 1h + 7ms * (&c - late.data()));
  std::set<const call_table::waiter*> got;
  while (auto* w = table.take_expired(start + 30min)) got.insert(w);
  CHECK(got.size() == early.size());
  CHECK(got.count(&late[0]) == 0);
  CHECK(table.size() == late.size());
  CHECK(table.next_expiry() <= start + 1h + resolution);
  while (auto* w = table.take_expired(start + 3h)) got.insert(w);
  CHECK(got.size() == early.size() + late.size());
}

TEST_CASE("next_expiry leads to every expiry, never past one", "[call_table]") {
  call_table table{start};
  test::counting_random random{7};
  std::map<const call_table::waiter*, monotonic> deadline;
  std::vector<caller> callers(200);
  for (auto& c : callers) {
    deadline[&c] = start + nanoseconds{random.below(20'000'000'000ull)};
    table.add(c, deadline[&c]);
  }
  // Waking up only when the table says so, as an actor does, is enough.
  int wakes = 0;
  for (auto at = table.next_expiry(); at != monotonic::max(); at = table.next_expiry(), ++wakes) {
    auto now = at + resolution;
    for (auto& [c, d] : deadline) CHECK(d + 2 * resolution >= at);
    while (auto* w = table.take_expired(now)) {
      CHECK(deadline.at(w) <= now);
      CHECK(now - deadline.at(w) <= 2 * resolution + 0ns);
      deadline.erase(w);
    }
    REQUIRE(wakes < 1000);
  }
  CHECK(deadline.empty());
}

TEST_CASE("against a naive model: never early, at most two resolutions late, never twice, never lost", "[call_table][property]") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    test::counting_random random{seed};
    call_table table{start};
    auto now = start;
    struct known {
      std::uint64_t id;
      monotonic deadline;
    };
    std::vector<caller> callers(4000);
    std::map<const call_table::waiter*, known> model;
    std::size_t used = 0;
    for (int step = 0; step < 1500; ++step) {
      switch (random.below(4)) {
        case 0:
        case 1:
          for (auto n = random.below(5); n > 0 && used < callers.size(); --n) {
            auto& c = callers[used++];
            auto d = monotonic::max();
            switch (random.below(4)) {
              case 0: break;
              case 1: d = now + nanoseconds{random.below(20'000'000)}; break;
              case 2: d = now + nanoseconds{random.below(3'000'000'000)}; break;
              default: d = now - nanoseconds{random.below(1'000'000)};
            }
            model[&c] = {table.add(c, d), d};
          }
          break;
        case 2:
          if (!model.empty()) {
            auto i = std::next(model.begin(), static_cast<long>(random.below(model.size())));
            REQUIRE(table.take(i->second.id) == i->first);
            REQUIRE(table.take(i->second.id) == nullptr);
            model.erase(i);
          }
          break;
        default: {
          now += random.below(20) == 0 ? nanoseconds{random.below(5'000'000'000)} : nanoseconds{random.below(10'000'000)};
          while (auto* w = table.take_expired(now)) {
            auto i = model.find(w);
            REQUIRE(i != model.end());
            REQUIRE(i->second.deadline <= now);
            model.erase(i);
          }
          for (auto& [w, k] : model) REQUIRE((k.deadline == monotonic::max() || k.deadline + 2 * resolution > now));
        }
      }
      REQUIRE(table.size() == model.size());
    }
  }
}

TEST_CASE("a few calls need no wheel, and calls expire in order with and without one", "[call_table]") {
  for (const auto count : {call_table::few, call_table::few + 1}) {
    call_table table{start};
    std::vector<caller> callers(count);
    for (std::size_t i = 0; i < count; ++i) table.add(callers[i], start + 1s * ((i * 5) % count + 1));  // one at a time
    CHECK(table.has_wheel() == (count > call_table::few));
    std::vector<call_table::waiter*> expired;
    for (int second = 0; second <= static_cast<int>(count) + 1; ++second) {
      CHECK(table.next_expiry() > start + 1s * second - resolution);
      while (auto* who = table.take_expired(start + 1s * second + resolution)) expired.push_back(who);
      CHECK(expired.size() == std::min<std::size_t>(static_cast<std::size_t>(second), count));
    }
    std::vector<call_table::waiter*> in_order(count);
    for (std::size_t i = 0; i < count; ++i) in_order[(i * 5) % count] = &callers[i];
    CHECK(expired == in_order);
  }
}

TEST_CASE("without calls, or with a few that were answered, there is no wheel", "[call_table]") {
  call_table table{start};
  caller a;
  for (int i = 0; i < 1000; ++i) CHECK(table.take(table.add(a, start + 1s)) == &a);
  CHECK_FALSE(table.has_wheel());
  CHECK(table.next_expiry() == monotonic::max());
}
