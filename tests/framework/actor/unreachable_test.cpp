// Actors that do not end when they are told to: what becomes of them when nobody has their address any more, and at the end of the system.
#include <tests/framework/actor/stepped.hpp>

#include <banyan/actor/control.hpp>

#include <catch2/catch.hpp>

#include <future>
#include <thread>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct hello {
  using reply = int;
};
struct keep {
  using reply = int;
};
struct sleep_long {
  using reply = int;
};
struct make_child {
  using reply = done;
};
struct forget_child {
  using reply = done;
};

// What it does as it is destroyed, when it has no address any more.
struct stubborn : actor {
  explicit stubborn(int* ended) : ended_{ended} {}
  ~stubborn() override {
    ++*ended_;
    (void)self().me();
    self().send(self().me(), hello{});
  }
  void asked_to_end(ending) override {}
  behavior make_behavior() override {
    return behavior{}
        .on<hello>([](const hello&) { return 1; })
        .on<sleep_long>([this](const sleep_long&) { return doze(); })
        .on_message<keep>([this](message_ptr& m) { kept_.push_back(std::move(m)); });
  }
  task<int> doze() {
    co_await self().sleep(1h);
    co_return 1;
  }
  int* ended_;
  std::vector<message_ptr> kept_;
};

struct parent : actor {
  parent(int* ended, std::vector<std::string>* told) : ended_{ended}, told_{told} {}
  behavior make_behavior() override {
    return behavior{}
        .on<make_child>([this](const make_child&) {
          child_ = self().spawn([n = ended_] { return std::make_unique<stubborn>(n); }, {.name = "child", .supervisor = self().me()});
        })
        .on_message<keep>([this](message_ptr& m) { self().forward(child_, std::move(m)); })
        .on<forget_child>([this](const forget_child&) { self().abandon_child(std::exchange(child_, {})); })
        .on<child_stopped>([this](const child_stopped& c) { told_->push_back(c.child ? "a child has ended" : "nobody has ended"); });
  }
  int* ended_;
  std::vector<std::string>* told_;
  address child_;
};

}  // namespace

TEST_CASE("an actor that would not end ends when its last address goes, and whoever asked it is answered", "[unreachable]") {
  test::stepped s;
  int ended = 0;
  std::vector<std::string> told;
  auto p = s.spawn<parent>({}, &ended, &told);
  s.ask(p, make_child{});
  s.run();
  auto r = s.ask(p, keep{}, 1h);
  CHECK_FALSE(r.is_there());
  const auto before = s.system.topology().size();
  s.ask(p, forget_child{});
  s.run();
  CHECK(ended == 1);
  CHECK(r.count() == 1);
  CHECK(s.system.topology().size() == before - 1);
  CHECK(told.empty());  // it was forgotten before
  CHECK(s.system.counters().stopped == 1);
  CHECK((*s.ask(p, make_child{})).has_value());
}

TEST_CASE("an actor system ends what does not end: threads", "[unreachable]") {
  int ended = 0;
  std::vector<std::string> told;
  const auto what = GENERATE(0, 1, 2);
  {
    actor_system system{{.threads = 2}};
    if (what < 2) {
      auto a = system.spawn([&] { return std::make_unique<stubborn>(&ended); });
      CHECK(*system.ask_and_wait(a, hello{}, 10s) == 1);
      if (what == 1) system.ask_message(a, make_message<sleep_long>(), 1h, [](result<message_ptr>) {});
    } else {  // one whose child would not end: they know of each other
      auto p = system.spawn([&] { return std::make_unique<parent>(&ended, &told); });
      CHECK(system.ask_and_wait(p, make_child{}, 10s).has_value());
    }
    CHECK_FALSE(system.shutdown(20ms));
  }
  CHECK(ended == 1);
}

TEST_CASE("an actor system ends what does not end: stepped by hand", "[unreachable]") {
  int ended = 0;
  std::vector<std::string> told;
  {
    test::stepped s;
    auto p = s.spawn<parent>({}, &ended, &told);
    s.ask(p, make_child{});
    s.ask(p, keep{}, 1h);
  }
  CHECK(ended == 1);
}

TEST_CASE("a shutdown without a limit waits for the end, however long that takes", "[unreachable]") {
  const timespan limit = GENERATE(timespan::max(), timespan{std::chrono::hours::max()}, timespan{24h * 365 * 200});
  actor_system system{{.threads = 2}};
  struct slow : actor {
    behavior make_behavior() override { return {}; }
    void asked_to_end(ending) override { self().after(20ms, hello{}); }
  };
  struct ends_later final : slow {
    behavior make_behavior() override {
      return behavior{}.on<hello>([this](const hello&) -> int {
        self().end();
        return 1;
      });
    }
  };
  system.spawn([] { return std::make_unique<ends_later>(); });
  CHECK(system.shutdown(limit));
}
