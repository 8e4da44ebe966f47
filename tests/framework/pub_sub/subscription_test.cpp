// A subscription and the handlers it may meet: such as refuse, throw whatever they like, at once or later, and never stop doing so.
#include <tests/framework/observability/captured_log.hpp>
#include <tests/framework/pub_sub/subscription_world.hpp>

#include <catch2/catch.hpp>

#include <stdexcept>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

// "refuse", "throw", "throw 7" (no std::exception), "throw later"; all else is acknowledged.
struct world : subscription_world {
  explicit world(memory_view_disk& d, std::unique_ptr<view_store> s) : subscription_world{*s}, disk{d}, owned{std::move(s)} {}
  explicit world(memory_view_disk& d) : world{d, open_memory_view_store(d, {.name = "tests"}).value()} {}

  task<result<done>> handle(actor_host& host, const recorded_event& e) override {
    began.push_back(e.stream + ":" + e.payload);
    if (e.payload == "wait") co_await host.sleep(1h);
    if (e.payload == "throw later") co_await host.sleep(1ms);
    if (e.payload.starts_with("throw 7")) throw 7;
    if (e.payload.starts_with("throw")) throw std::runtime_error{"no luck"};
    if (e.payload == "refuse") co_return error{code::unavailable, "not today"};
    co_return done{};
  }
  void start() { who = s.system.spawn(factory(), {.name = "subscription"}); }
  std::size_t times(const std::string& what) const { return static_cast<std::size_t>(std::count(began.begin(), began.end(), what)); }
  std::size_t counted() {
    std::size_t rows = 0;
    store.read([&](view_reader& v) { rows = v.rows("SELECT position FROM deliveries", {}).size(); }, [](result<position>) {});
    return rows;
  }

  memory_view_disk& disk;
  std::unique_ptr<view_store> owned;
  address who;
  captured_log log{log_level::error};
  stepped s;
};

}  // namespace

TEST_CASE("an event that crashes its handler three times is poison, whatever is thrown and whenever", "[subscription]") {
  memory_view_disk disk;
  world w{disk};
  const std::string payload = GENERATE("throw", "throw 7", "throw later");
  w.append("a", payload);
  w.append("b", "1");
  w.append("a", "2");
  w.start();
  w.s.run();
  CHECK(w.began == world::handled{"a:" + payload, "b:1"});
  w.s.advance(1min);
  CHECK(w.began == world::handled{"a:" + payload, "b:1", "a:" + payload, "a:" + payload, "a:2"});
  const std::string cause = payload == "throw 7" ? "an exception that is no std::exception" : "no luck";
  CHECK(w.dead_letters() == std::vector<world::dead>{{1, payload, 3, "poison: crashed its handler 3 times: " + cause}});
  CHECK(w.progress->poison == 1);
  CHECK(w.progress->dead == 1);
  CHECK(w.progress->checkpoint == 3);
  CHECK(w.counted() == 0);
  CHECK(w.s.system.counters().crashes == 0);
  CHECK(w.log.text().find("dead letter: the event is given up") == w.log.text().rfind("dead letter"));
  CHECK(w.log.has("poison: crashed its handler 3 times: " + cause));
}

TEST_CASE("an event that is refused is tried as often as it may be refused, and is no poison", "[subscription]") {
  memory_view_disk disk;
  world w{disk};
  w.spec.max_attempts = 5;
  w.append("a", "refuse");
  w.start();
  w.s.advance(10min);
  CHECK(w.times("a:refuse") == 5);
  CHECK(w.dead_letters() == std::vector<world::dead>{{1, "refuse", 5, "unavailable: not today"}});
  CHECK(w.progress->poison == 0);
}

TEST_CASE("the counts survive the end of the actor, and of the process", "[subscription]") {
  memory_view_disk disk;
  const bool all_ends = GENERATE(false, true);
  world first{disk};
  first.append("a", "throw");
  first.append("b", "wait");
  first.start();
  first.s.run();
  CHECK(first.times("a:throw") == 1);
  world* now = &first;
  std::optional<world> second;
  if (all_ends) {
    second.emplace(disk);
    second->append("a", "throw");
    second->append("b", "wait");
    second->start();
    now = &*second;
  } else {
    halt_actor(first.who);
    first.s.run();
    restart_actor(first.who);
  }
  now->s.advance(10min);
  CHECK(first.times("a:throw") + (second ? second->times("a:throw") : 0) == 3);
  REQUIRE(now->dead_letters().size() == 1);
  CHECK(now->dead_letters()[0].attempts == 3);
  // The one beside it, under way all the time, was restarted but never blamed.
  CHECK(now->times("b:wait") >= 1);
  CHECK(now->progress->poison == 1);
}

TEST_CASE("what is given up stays so, also when the process ends before the checkpoint is beyond it", "[subscription]") {
  memory_view_disk disk;
  world first{disk};
  first.append("b", "wait");
  first.append("a", "throw");
  first.start();
  first.s.advance(1min);
  CHECK(first.progress->poison == 1);
  CHECK(first.progress->checkpoint == 0);
  world second{disk};
  second.append("b", "1");
  second.append("a", "throw");
  second.start();
  second.s.advance(1min);
  CHECK(second.began == world::handled{"b:1"});
  CHECK(second.progress->checkpoint == 2);
  CHECK(second.counted() == 0);
  CHECK(second.dead_letters() == std::vector<world::dead>{{2, "throw", 3, "poison: crashed its handler 3 times: no luck"}});
}

TEST_CASE("an ordered end blames nobody for what was under way", "[subscription]") {
  memory_view_disk disk;
  for (int process = 1; process <= 5; ++process) {
    world w{disk};
    w.append("a", "wait");
    w.start();
    w.s.run();
    CHECK(w.times("a:wait") == 1);
    stop_actor(w.who);
    w.s.run();
    CHECK(w.dead_letters().empty());
  }
}

TEST_CASE("a store that fails for a while restarts the subscription, and no event is given up for it", "[subscription]") {
  struct failing final : view_store {
    explicit failing(std::unique_ptr<view_store> r) : real{std::move(r)} {}
    void write(std::function<void(view_writer&)> body, position checkpoint, completion<position> done) override {
      if (failures > 0 && --failures >= 0) return done(error{code::exhausted, "the disk is full"});
      real->write(std::move(body), checkpoint, std::move(done));
    }
    void read(std::function<void(view_reader&)> body, completion<position> done) override { real->read(std::move(body), std::move(done)); }
    void open(uuid incarnation, std::function<void(view_writer&)> create, completion<state> done) override {
      real->open(incarnation, std::move(create), std::move(done));
    }
    std::unique_ptr<view_store> real;
    int failures = 0;
  };
  memory_view_disk disk;
  auto store = std::make_unique<failing>(open_memory_view_store(disk, {.name = "tests"}).value());
  auto& faults = *store;
  world w{disk, std::move(store)};
  w.start();
  w.s.run();
  faults.failures = 20;
  w.append("a", "1");
  w.append("b", "2");
  w.append("a", "3");
  w.s.advance(10min);
  CHECK(faults.failures == 0);
  CHECK(w.s.system.counters().crashes >= 10);
  CHECK(w.dead_letters().empty());
  CHECK(w.progress->checkpoint == 3);
}

TEST_CASE("a subscription of a small window goes on when the window was full", "[subscription]") {
  memory_view_disk disk;
  world w{disk};
  w.spec.max_in_flight = 1;
  for (int i = 1; i <= 100; ++i) w.append("a", std::to_string(i));
  w.start();
  w.s.advance(1s);
  CHECK(w.began.size() == 100);
  CHECK(w.progress->checkpoint == 100);
}

TEST_CASE("once it has run for a moment, what goes well is not counted", "[subscription]") {
  memory_view_disk disk;
  world w{disk};
  w.spec.max_in_flight = 1;  // 16 in doubt
  for (int i = 1; i <= 16; ++i) w.append("a", std::to_string(i));
  w.start();
  w.s.run();
  w.append("b", "wait");
  w.s.run();
  CHECK(w.times("b:wait") == 1);
  CHECK(w.counted() == 0);
}

TEST_CASE("an event that the journal has lost is named in the log once, and the others are delivered", "[subscription]") {
  memory_view_disk disk;
  world w{disk};
  for (auto* payload : {"1", "2", "3", "4"}) w.append("a", payload);
  w.journal.lose(2);
  w.start();
  w.s.run();
  CHECK(w.began == world::handled{"a:1", "a:3", "a:4"});
  const std::string sentence = "an event is missing (stream a, version 2, before position 3)";
  CHECK(w.log.has(sentence));
  CHECK(w.log.text().find(sentence) == w.log.text().rfind(sentence));
}
