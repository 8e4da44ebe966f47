// What a restart, a suspend or an end does to timers, posted work and children.
#include <tests/framework/actor/recorder.hpp>

#include <banyan/actor/control.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <stdexcept>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

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

  SECTION("nor after a suspend and a restart") {
    s.send(a, number{3});
    s.run();
    suspend_actor(a);
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

TEST_CASE("a suspended actor keeps its mailbox until it is restarted", "[restart]") {
  test::stepped s;
  journal seen;
  auto a = s.spawn<recorder>({}, &seen);
  s.send(a, number{1});
  s.run();
  suspend_actor(a);
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

TEST_CASE("an actor that is suspended while it waits to restart stays down", "[restart]") {
  test::stepped s;
  journal seen;
  auto a = s.spawn<recorder>(slow_restart(), &seen);
  s.send(a, boom{});
  s.run();
  suspend_actor(a);
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

TEST_CASE("of many children each is stopped once, in whatever order, and the others end with their parent",
          "[restart]") {
  struct nothing : actor {
    behavior make_behavior() override { return {}; }
  };
  struct crowd : actor {
    behavior make_behavior() override { return {}; }
  };
  constexpr std::size_t count = 200;
  test::stepped s;
  const auto above = s.spawn<crowd>();
  std::vector<address> children;
  const auto add_child = [&](actor_host& self) {
    children.push_back(self.spawn([] { return std::make_unique<nothing>(); }));
  };
  for (std::size_t i = 0; i < count; ++i) post_work(above, add_child);
  s.run();
  REQUIRE(children.size() == count);
  std::size_t ended = 0;
  for (std::size_t i = 0; i < count * 3 / 4; ++i) {
    const auto& child = children[(i * 77) % count];  // each once
    post_work(above, [&](actor_host& self) {
      self.stop_child(child);
      self.stop_child(child);  // is no child any more
    });
    s.run();
    CHECK(s.system.counters().stopped == ++ended);
  }
  post_work(above, add_child);
  s.run();
  stop_actor(above);
  s.run();
  CHECK(s.system.counters().stopped == count + 1 + 1);
}
