// Restart in place: address and mailbox are kept, state is not.
#include <tests/framework/actor/recorder.hpp>

#include <banyan/actor/control.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <stdexcept>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

TEST_CASE("a crash gives fresh state behind the same address", "[restart]") {
  test::stepped s;
  journal seen;
  auto a = s.spawn<recorder>({}, &seen);
  s.send(a, number{1});
  CHECK(**s.ask(a, count{}) == 1);
  s.send(a, boom{});  // not even a std::exception
  CHECK(**s.ask(a, count{}) == 0);
  CHECK(s.system.counters().crashes == 1);
  CHECK(s.system.counters().restarts == 1);
}

TEST_CASE("no message is lost, repeated or overtaken over crashes", "[restart][property]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    test::stepped s;
    test::counting_random random{seed};
    journal seen;
    auto a = s.spawn<recorder>({.stash_limit = 100'000}, &seen);
    const int n = 400;
    for (int i = 0; i < n; ++i) {
      s.send(a, number{i, random.below(7) == 0});
      if (random.below(5) == 0) s.run();
      if (random.below(9) == 0) s.advance(nanoseconds{random.below(100'000'000)});
    }
    s.advance(1h);
    REQUIRE(seen.size() == n);
    REQUIRE(std::is_sorted(seen.begin(), seen.end()));
    REQUIRE(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
  }
}

TEST_CASE("back-off: at once, then 50 ms doubling to 10 s, and from the start after a quiet time", "[restart]") {
  test::stepped s;
  journal seen;
  auto a = s.spawn<recorder>({.restart = {.jitter = 0}}, &seen);
  std::vector<nanoseconds> waits;
  for (int i = 0; i < 10; ++i) {
    s.send(a, number{1, true});
    s.run();
    auto from = s.clock.time;
    auto r = s.ask(a, count{}, 1h);
    while (!r.is_there()) s.advance(1ms);
    waits.push_back(s.clock.time - from);
  }
  CHECK(waits == std::vector<nanoseconds>{0ms, 50ms, 100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 6400ms, 10s});
  s.advance(11s);
  s.send(a, number{1, true});
  CHECK(s.ask(a, count{}).is_there());
}

TEST_CASE("while it is down, requests wait up to the limit and the rest are told `restarting`", "[restart]") {
  test::stepped s;
  journal seen;
  auto options = slow_restart();
  options.stash_limit = 3;
  auto a = s.spawn<recorder>(options, &seen);
  s.send(a, boom{});
  s.run();
  std::vector<test::stepped::answer_slot<int>> answers;
  for (int i = 0; i < 5; ++i) answers.push_back(s.ask(a, count{}));
  for (int i = 0; i < 3; ++i) CHECK_FALSE(answers[i].is_there());
  for (int i = 3; i < 5; ++i) {
    REQUIRE(answers[i].is_there());
    CHECK(answers[i]->error().reason == "restarting");
    CHECK(answers[i]->error().outcome == outcome::not_applied);
    CHECK(answers[i]->error().retry_after);
  }
  CHECK(s.system.counters().refused_while_down == 2);
  s.advance(100ms);
  for (int i = 0; i < 3; ++i) CHECK(**answers[i] == 0);
}

TEST_CASE("whoever is turned away is told when the restart is due", "[restart]") {
  test::stepped s;
  journal seen;
  auto options = slow_restart();
  options.stash_limit = 0;
  auto a = s.spawn<recorder>(options, &seen);
  s.send(a, boom{});
  s.run();
  CHECK(s.ask(a, count{})->error().retry_after == 100ms);
  s.advance(40ms);
  CHECK(s.ask(a, count{})->error().retry_after == 60ms);
  s.advance(59'999us);
  CHECK(s.ask(a, count{})->error().retry_after == 1ms);
}

TEST_CASE("requests whose askers have given up make room for others, and are not handled", "[restart]") {
  test::stepped s;
  journal seen;
  auto options = slow_restart();
  options.stash_limit = 3;
  auto a = s.spawn<recorder>(options, &seen);
  s.send(a, boom{});
  s.send(a, number{1});
  s.run();
  auto early = s.ask(a, count{}, 10ms), later = s.ask(a, count{}, 1s);
  CHECK(s.ask(a, count{})->error().reason == "restarting");
  s.advance(20ms);
  REQUIRE(early.is_there());  // at its deadline, not at the restart
  CHECK(early->error().code == code::deadline_exceeded);
  auto instead = s.ask(a, count{}, 1s);
  CHECK_FALSE(instead.is_there());
  CHECK(s.ask(a, count{})->error().reason == "restarting");
  s.advance(100ms);
  CHECK(seen == journal{1});
  CHECK(**later == 1);
  CHECK(**instead == 1);
}

TEST_CASE("one-way messages beyond the limit are counted, and the first is told each time it is down", "[restart]") {
  std::vector<actor_event> told;
  test::stepped s{[&](const actor_event& e) {
    if (e.kind == actor_event_kind::overflowed) told.push_back(e);
  }};
  journal seen;
  auto options = slow_restart();
  options.name = "recorder";
  options.stash_limit = 2;
  auto a = s.spawn<recorder>(options, &seen);
  for (int time = 1; time <= 2; ++time) {
    s.send(a, boom{});
    for (int i = 0; i < 5; ++i) s.send(a, number{i});
    s.run();
    CHECK(s.system.counters().lost_while_down == static_cast<std::uint64_t>(3 * time));
    REQUIRE(told.size() == static_cast<std::size_t>(time));
    CHECK(told.back().name == "recorder");
    CHECK(told.back().message.find("number") != std::string::npos);
    s.advance(100ms);
  }
  CHECK(seen == journal{0, 1, 0, 1});
}

TEST_CASE("the topology tells what it crashed on, since when it is down and when it will be up", "[restart]") {
  test::stepped s;
  journal seen;
  auto options = slow_restart();
  options.name = "recorder";
  auto a = s.spawn<recorder>(options, &seen);
  s.run();
  CHECK(s.system.topology().at(0).down_since == monotonic::max());
  const auto now = s.clock.time;
  s.send(a, number{7, true});
  s.run();
  auto line = s.system.topology().at(0);
  CHECK(line.phase == "restarting");
  CHECK(line.last_cause == "internal: bad 7");
  CHECK(line.last_message.find("number") != std::string::npos);
  CHECK(line.down_since == now);
  CHECK(line.restarts_at == now + 100ms);
  s.advance(100ms);
  line = s.system.topology().at(0);
  CHECK(line.phase == "running");
  CHECK(line.down_since == monotonic::max());
  CHECK(line.restarts_at == monotonic::max());
  suspend_actor(a);
  s.run();
  CHECK(s.system.topology().at(0).phase == "suspended");
}

TEST_CASE("a start that throws is tried again after a while", "[restart]") {
  test::stepped s;
  int starts = 0;
  struct stubborn : actor {
    explicit stubborn(int* s) : starts_{s} {}
    void started() override {
      if (++*starts_ < 4) throw std::runtime_error{"not yet"};
    }
    behavior make_behavior() override {
      return behavior{}.on<count>([this](const count&) { return *starts_; });
    }
    int* starts_;
  };
  auto a = s.spawn<stubborn>({.name = "stubborn", .restart = {.jitter = 0}}, &starts);
  auto r = s.ask(a, count{}, 10s);
  CHECK(starts == 2);
  CHECK(s.system.topology().at(0).phase == "restarting");
  CHECK(s.system.topology().at(0).last_cause.find("not yet") != std::string::npos);
  s.advance(150ms);
  CHECK(**r == 4);
  CHECK(s.system.topology().at(0).phase == "running");
  CHECK(s.system.topology().at(0).restarts == 3);
}

TEST_CASE("a factory that throws or makes nothing is a failed start", "[restart]") {
  test::stepped s;
  int calls = 0;
  auto a = s.system.spawn([&calls]() -> std::unique_ptr<actor> {
    if (++calls == 1) return nullptr;
    if (calls == 2) throw std::runtime_error{"no"};
    return std::make_unique<recorder>(nullptr);
  });
  auto r = s.ask(a, count{}, 10s);
  s.advance(1s);
  CHECK(calls == 3);
  CHECK(**r == 0);
}
