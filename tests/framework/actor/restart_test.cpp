// Restart in place: address and mailbox are kept, state is not.
#include <tests/framework/actor/stepped.hpp>

#include <banyan/actor/control.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <stdexcept>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct number {
  int n;
  bool bad = false;
};
struct count {
  using reply = int;
};
struct tick {
  int n;
};
struct boom {};

using journal = std::vector<int>;

struct recorder : actor {
  explicit recorder(journal* seen) : seen_{seen} {}
  behavior make_behavior() override {
    return behavior{}
        .on<number>([this](const number& n) {
          seen_->push_back(n.n);
          ++handled_;
          if (n.bad) throw std::runtime_error{"bad " + std::to_string(n.n)};
        })
        .on<count>([this](const count&) { return handled_; })
        .on<boom>([](const boom&) { throw 42; });
  }
  journal* seen_;
  int handled_ = 0;
};

spawn_options slow_restart() { return {.restart = {.first = 100ms, .min = 100ms, .max = 100ms, .jitter = 0}}; }

}  // namespace

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
    if (e.what == actor_event_kind::overflowed) told.push_back(e);
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
  halt_actor(a);
  s.run();
  CHECK(s.system.topology().at(0).phase == "halted");
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

TEST_CASE("timers of an earlier incarnation do not fire", "[restart]") {
  test::stepped s;
  journal fired;
  struct ticking : actor {
    explicit ticking(journal* f) : fired_{f} {}
    behavior make_behavior() override {
      return behavior{}
          .on<number>([this](const number& n) { self().after(100ms, tick{n.n}); })
          .on<tick>([this](const tick& t) { fired_->push_back(t.n); })
          .on<boom>([](const boom&) { throw 1; });
    }
    journal* fired_;
  };
  auto a = s.spawn<ticking>({}, &fired);
  s.send(a, number{1});
  s.advance(50ms);
  s.send(a, boom{});
  s.run();
  s.send(a, number{2});
  s.advance(1s);
  CHECK(fired == journal{2});

  SECTION("nor after a halt and a restart") {
    s.send(a, number{3});
    s.run();
    halt_actor(a);
    s.run();
    restart_actor(a);
    s.advance(1s);
    CHECK(fired == journal{2});
  }
}

TEST_CASE("what crashed incarnations had set for later leaves the clock with them", "[restart]") {
  test::stepped s;
  struct planning : actor {
    void started() override {
      for (int i = 1; i <= 10; ++i) self().after(std::chrono::hours{i}, tick{i});
      self().run(wait());
    }
    task<void> wait() { co_await self().sleep(30min); }
    behavior make_behavior() override {
      return behavior{}.on<boom>([](const boom&) { throw 1; }).on<tick>([](const tick&) {});
    }
  };
  auto a = s.spawn<planning>({.restart = {.min = 0ms, .max = 0ms}});
  for (int i = 0; i < 1000; ++i) s.send(a, boom{});
  s.run();
  CHECK(s.system.counters().crashes == 1000);
  CHECK(s.timers() <= 2);
}

TEST_CASE("a halted actor keeps its mailbox until it is restarted", "[restart]") {
  test::stepped s;
  journal seen;
  auto a = s.spawn<recorder>({}, &seen);
  s.send(a, number{1});
  s.run();
  halt_actor(a);
  s.run();
  s.send(a, number{2});
  s.send(a, number{3});
  s.advance(1min);
  CHECK(seen == journal{1});
  restart_actor(a);
  s.run();
  CHECK(seen == journal{1, 2, 3});
  CHECK(**s.ask(a, count{}) == 2);
}

TEST_CASE("an actor that is halted while it waits to restart stays down", "[restart]") {
  test::stepped s;
  journal seen;
  auto a = s.spawn<recorder>(slow_restart(), &seen);
  s.send(a, boom{});
  s.run();
  halt_actor(a);
  s.run();
  s.send(a, number{1});
  s.advance(1min);
  CHECK(seen.empty());
  restart_actor(a);
  s.run();
  CHECK(seen == journal{1});
}

TEST_CASE("stopping a crashed actor when idle waits for what is queued behind the crash", "[restart]") {
  test::stepped s;
  journal seen;
  auto a = s.spawn<recorder>(slow_restart(), &seen);
  s.send(a, boom{});
  s.send(a, number{1});
  stop_actor_when_idle(a);
  s.send(a, number{2});
  s.run();
  CHECK(seen.empty());
  s.advance(1s);
  CHECK(seen == journal{1});
  CHECK(s.system.counters().stopped == 1);
}

TEST_CASE("posted work runs as the actor, in turn, and waits while it is down", "[restart]") {
  test::stepped s;
  journal seen;
  auto a = s.spawn<recorder>(slow_restart(), &seen);
  s.send(a, number{1});
  post_work(a, [&](actor_host&) { seen.push_back(100); });
  s.send(a, boom{});
  s.send(a, number{2});
  post_work(a, [&](actor_host& host) { seen.push_back(host.me() == a ? 200 : -1); });
  s.run();
  CHECK(seen == journal{1, 100});
  s.advance(1s);
  CHECK(seen == journal{1, 100, 2, 200});
}

TEST_CASE("an actor that stops itself as it starts ends", "[restart]") {
  test::stepped s;
  struct shy : actor {
    void started() override { self().stop(); }
    behavior make_behavior() override { return behavior{}; }
  };
  auto a = s.spawn<shy>();
  s.run();
  CHECK(s.system.counters().stopped == 1);
  CHECK(s.ask(a, count{}).count() == 1);
}

TEST_CASE("children end before their parent, and are stopped when it crashes", "[restart]") {
  test::stepped s;
  std::vector<std::string> ended;
  struct farewell : actor {
    farewell(std::string n, std::vector<std::string>* e) : name_{std::move(n)}, ended_{e} {}
    ~farewell() override { ended_->push_back(name_); }
    behavior make_behavior() override { return behavior{}; }
    std::string name_;
    std::vector<std::string>* ended_;
  };
  struct parent : actor {
    explicit parent(std::vector<std::string>* e) : ended_{e} {}
    void started() override {
      for (auto name : {"x", "y"}) self().spawn([name, e = ended_] { return std::make_unique<farewell>(name, e); });
    }
    behavior make_behavior() override {
      return behavior{}.on<boom>([](const boom&) { throw 1; });
    }
    std::vector<std::string>* ended_;
  };
  auto a = s.spawn<parent>({}, &ended);
  s.run();
  s.send(a, boom{});
  s.run();
  CHECK(ended.size() == 2);
  bool told = false;
  stop_actor(a, [&](result<done>) {
    told = true;
    CHECK(ended.size() == 4);
    CHECK(s.system.counters().stopped == 5);  // children first: this one is the fifth
  });
  s.run();
  CHECK(told);
}

TEST_CASE("a child that ends by itself is forgotten by its parent", "[restart]") {
  test::stepped s;
  struct brief : actor {
    void started() override { self().stop(); }
    behavior make_behavior() override { return behavior{}; }
  };
  struct token {};
  struct parent : actor {
    explicit parent(std::shared_ptr<token> t) : token_{std::move(t)} {}
    behavior make_behavior() override {
      return behavior{}.on<number>([this](const number&) {
        self().spawn([t = token_] { return std::make_unique<brief>(); });  // the factory lives as long as the cell
      });
    }
    std::shared_ptr<token> token_;
  };
  auto t = std::make_shared<token>();
  auto a = s.spawn<parent>({}, t);
  s.run();
  const auto before = t.use_count();
  for (int i = 0; i < 100; ++i) s.send(a, number{i});
  s.run();
  CHECK(t.use_count() == before);
}
