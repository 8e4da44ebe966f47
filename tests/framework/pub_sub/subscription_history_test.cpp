// A subscription whose journal is replaced by an older copy: what was done can not be undone, so it waits for an operator.
#include <tests/framework/observability/captured_log.hpp>
#include <tests/framework/pub_sub/subscription_world.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

using origin = subscription_start::origin;

struct world : subscription_world {
  explicit world(memory_view_disk& d) : world{open_memory_view_store(d, {.name = "tests"}).value()} {}
  explicit world(std::unique_ptr<view_store> s) : subscription_world{*s}, owned{std::move(s)} {}

  task<result<done>> handle(actor_host& host, const recorded_event& e) override {
    began.push_back(e.stream + ":" + e.payload);
    if (e.payload == "wait") co_await host.sleep(1h);
    if (e.payload == "throw") throw std::runtime_error{"no luck"};
    co_return done{};
  }
  void start() {
    who = s.system.spawn(factory(), {.name = "subscription"});
    s.run();
  }
  void restart() {
    halt_actor(who);
    s.run();
    restart_actor(who);
    s.advance(1s);
  }
  // Once it is reset the subscription ends, and its supervisor, which is the test here, starts it anew.
  result<position> reset(subscription_start from) {
    auto answer = s.ask(who, reset_subscription{from}, 1min);
    s.advance(1s);
    if (answer->has_value()) {
      start();
      s.advance(1s);
    }
    return *answer;
  }
  // Stops the subscription, and puts the journal back to `kept`.
  void restore(position kept) {
    halt_actor(who);
    s.run();
    journal.lose_tail(kept);
  }
  void go_on() {
    restart_actor(who);
    s.advance(1s);
  }

  std::unique_ptr<view_store> owned;
  address who;
  captured_log log{log_level::warning};
  stepped s;
};

}  // namespace

TEST_CASE("a checkpoint that the journal does not have is refused, said, and nothing is handled", "[subscription]") {
  memory_view_disk disk;
  world w{disk};
  for (auto* payload : {"1", "2", "3", "4"}) w.append("a", payload);
  w.start();
  REQUIRE(w.progress->checkpoint == 4);
  w.restore(2);
  const bool grown = GENERATE(false, true);
  if (grown)  // the position is there again, with another event
    for (auto* payload : {"5", "6", "7"}) w.append("a", payload);
  w.began.clear();
  w.go_on();
  w.append("a", "8");
  w.s.advance(1min);
  CHECK(w.began.empty());
  REQUIRE(w.progress->refusal());
  CHECK(w.progress->refusal()->find("position 4, is of another history of the journal") != std::string::npos);
  CHECK(w.log.has("the subscription handles nothing until an operator resets it"));
  CHECK(w.s.system.counters().crashes == 0);
  w.restart();
  CHECK(w.began.empty());
  CHECK(w.progress->refusal());
}

TEST_CASE("an operator says from where it goes on, and then it does", "[subscription]") {
  struct row {
    subscription_start from;
    position begins;
    world::handled handled;
  };
  const auto r = GENERATE(row{{origin::now}, 3, {"a:9"}}, row{{origin::start}, 0, {"a:1", "a:2", "a:5", "a:9"}},
                          row{{origin::position, 2}, 2, {"a:5", "a:9"}});
  memory_view_disk disk;
  world w{disk};
  for (auto* payload : {"1", "2", "3", "4"}) w.append("a", payload);
  w.start();
  w.restore(2);
  w.append("a", "5");
  w.began.clear();
  w.go_on();
  REQUIRE(w.progress->refusal());
  for (const position wrong : {-1, 4}) CHECK(w.reset({origin::position, wrong}).error().code == code::invalid_argument);
  REQUIRE(w.progress->refusal());
  CHECK(w.reset(r.from).value() == r.begins);
  w.append("a", "9");
  w.s.advance(1s);
  CHECK_FALSE(w.progress->refusal());
  CHECK(w.began == r.handled);
  CHECK(w.progress->checkpoint == 4);
  w.restart();
  CHECK(w.began == r.handled);
}

TEST_CASE("one that runs can be reset as well, also in the middle of something", "[subscription]") {
  memory_view_disk disk;
  world w{disk};
  for (auto* payload : {"1", "2"}) w.append("a", payload);
  w.append("b", "wait");
  w.append("c", "throw");
  w.start();
  w.s.advance(1min);
  CHECK(w.dead_letters().size() == 1);
  w.began.clear();
  CHECK(w.reset({origin::now}).value() == 4);
  w.append("a", "3");
  w.s.advance(1s);
  CHECK(w.began == world::handled{"a:3"});
  CHECK(w.progress->checkpoint == 5);
  CHECK(w.dead_letters().size() == 1);
  CHECK(w.reset({origin::position, 1}).value() == 1);
  CHECK(std::count(w.began.begin(), w.began.end(), "a:2") == 1);
  CHECK(std::count(w.began.begin(), w.began.end(), "a:1") == 0);
}

TEST_CASE("what is counted of an event is not held against another one that has its position now", "[subscription]") {
  memory_view_disk disk;
  world w{disk};
  w.spec.max_crashes = 2;
  w.append("a", "1");
  w.start();
  REQUIRE(w.progress->checkpoint == 1);
  w.spec.retry.min = w.spec.retry.first = w.spec.retry.max = 1h;  // after the first crash it waits
  w.append("a", "throw");
  w.s.advance(1s);
  REQUIRE(w.progress->checkpoint == 1);
  const bool another = GENERATE(true, false);
  if (another) {
    w.restore(1);
    w.append("b", "throw");
  } else {
    halt_actor(w.who);
    w.s.run();
  }
  // A new process: nothing is known but what is stored.
  w.progress = std::make_shared<subscription_progress>();
  w.go_on();
  CHECK(w.progress->poison == (another ? 0 : 1));
  CHECK_FALSE(w.progress->refusal());
}
