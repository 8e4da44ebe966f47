// A subscription and the handlers it may meet: such as refuse, throw whatever they like, at once or later, and never stop doing so.
#include <tests/framework/event_sourcing/moody_journal.hpp>
#include <tests/framework/pub_sub/scripted_world.hpp>

#include <banyan/pub_sub/delivery_store_decorator.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;
using world = scripted_world;

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
  CHECK(w.counts().empty());
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
    suspend_actor(first.who);
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
  CHECK(second.counts().size() == 0);
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

namespace {

struct full_disk final : delivery_store_decorator {
  using delivery_store_decorator::delivery_store_decorator;
  void open(source of, completion<state> done) override {
    if (fails()) return done(error{code::exhausted, "the disk is full"});
    inner()->open(std::move(of), std::move(done));
  }
  void commit(delivery_change change, completion<committed> done) override {
    if (fails()) return done(error{code::exhausted, "the disk is full"});
    inner()->commit(std::move(change), std::move(done));
  }
  bool fails() { return failures > 0 && --failures >= 0; }
  int failures = 0;
};

struct damaged_journal final : moody_journal {
  using moody_journal::moody_journal;
  void read_all(read_all_request r, completion<read_page> done) override {
    if (is_damaged) return done(error{code::corrupt, "page 7 is damaged"});
    inner().read_all(std::move(r), std::move(done));
  }
  bool is_damaged = true;
};

}  // namespace

namespace {

struct counted_store final : delivery_store_decorator {
  using delivery_store_decorator::delivery_store_decorator;
  void commit(delivery_change change, completion<committed> done) override {
    ++commits;
    inner()->commit(std::move(change), std::move(done));
  }
  int commits = 0;
};

struct counted_journal final : moody_journal {
  using moody_journal::moody_journal;
  void read_all(read_all_request r, completion<read_page> done) override {
    inner().read_all(std::move(r), [this, done = std::move(done)](result<read_page> page) mutable {
      if (page) events += page->events.size();
      done(std::move(page));
    });
  }
  std::size_t events = 0;
};

}  // namespace

TEST_CASE("events of other journals are not read, and that they were passed is stored ten times a second at most",
          "[subscription]") {
  memory_view_disk disk;
  auto store = std::make_unique<counted_store>(open_memory_delivery_store(disk, numbers).value());
  auto& stored = *store;
  world w{disk, std::move(store)};
  counted_journal read{w.journal};
  w.port = &read;
  w.spec.journals = {"numbers"};
  w.append("letters-a", "1", "letters.added");
  w.start();
  w.s.run();
  REQUIRE(w.progress->checkpoint == 1);
  const int before = stored.commits;
  for (int i = 0; i < 50; ++i) {
    w.append("letters-a", "1", "letters.added");
    w.s.run();
  }
  CHECK(stored.commits == before);
  CHECK(read.events == 0);

  SECTION("with the next event that is handled") {
    w.append("numbers-a", "1");
    w.s.run();
    CHECK(w.began == world::handled{"numbers-a:1"});
    CHECK(stored.commits <= before + 2);
  }
  SECTION("after a while without one") {
    w.s.advance(200ms);
    CHECK(stored.commits == before + 1);
  }
  CHECK(w.progress->checkpoint == 51 + static_cast<position>(w.began.size()));
}

TEST_CASE("a subscription waits for a full disk, handles nothing twice for it, and says so meanwhile", "[subscription]") {
  memory_view_disk disk;
  auto store = std::make_unique<full_disk>(open_memory_delivery_store(disk, numbers).value());
  auto& faults = *store;
  world w{disk, std::move(store)};
  const bool from_the_start = GENERATE(false, true);
  if (from_the_start) faults.failures = 20;
  w.start();
  w.s.run();
  faults.failures = 20;
  w.append("a", "1");
  w.append("b", "2");
  w.append("a", "3");
  w.s.advance(1s);
  CHECK(w.progress->trouble() == "exhausted: the disk is full");
  w.s.advance(10min);
  CHECK(faults.failures == 0);
  CHECK(w.progress->trouble().empty());
  CHECK(w.s.system.counters().crashes == 0);
  CHECK(w.began.size() == 3);
  CHECK(w.dead_letters().empty());
  CHECK(w.progress->checkpoint == 3);
}

TEST_CASE("an ordered end does not wait for a disk that stays full", "[subscription]") {
  memory_view_disk disk;
  auto store = std::make_unique<full_disk>(open_memory_delivery_store(disk, numbers).value());
  auto& faults = *store;
  world w{disk, std::move(store)};
  w.append("a", "wait");
  w.start();
  w.s.run();
  CHECK(w.times("a:wait") == 1);
  faults.failures = 1'000'000;
  bool has_ended = false;
  stop_actor(w.who, [&](result<done>) { has_ended = true; });
  w.s.advance(15s);
  CHECK(has_ended);
}

TEST_CASE("a subscription stands still at a damaged journal, says so, and goes on when it can be read", "[subscription]") {
  memory_view_disk disk;
  world w{disk};
  damaged_journal damaged{w.journal};
  w.port = &damaged;
  w.append("a", "1");
  w.start();
  w.s.advance(10min);
  CHECK(w.began.empty());
  CHECK(w.progress->trouble() == "corrupt: page 7 is damaged");
  damaged.is_damaged = false;
  w.s.advance(1min);
  CHECK(w.began == world::handled{"a:1"});
  CHECK(w.progress->trouble().empty());
  CHECK(w.s.system.counters().crashes == 0);
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
  w.spec.max_in_flight = 1;  // 16 unconfirmed
  for (int i = 1; i <= 16; ++i) w.append("a", std::to_string(i));
  w.start();
  w.s.run();
  w.append("b", "wait");
  w.s.run();
  CHECK(w.times("b:wait") == 1);
  CHECK(w.counts().empty());
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

TEST_CASE("two handlers that hang do not stop a subscription in which two may run, and are given up in the end", "[subscription]") {
  memory_view_disk disk;
  world w{disk};
  w.spec.max_in_flight = 2;
  w.spec.max_attempts = 3;
  w.spec.handle_within = 10s;
  w.append("a", "hang");
  w.append("b", "hang");
  for (int i = 0; i < 20; ++i) w.append("c" + std::to_string(i), "1");
  w.start();
  w.s.run();
  CHECK(w.began == world::handled{"a:hang", "b:hang"});
  CHECK(w.now == 2);
  CHECK(w.deadlines == std::vector<nanoseconds>{10s, 10s});
  w.s.advance(11s);
  CHECK(w.times("c0:1") == 1);
  CHECK(w.times("c19:1") == 1);
  w.s.advance(1min);
  CHECK(w.times("a:hang") == 3);
  CHECK(w.now == 0);
  CHECK(w.dead_letters() ==
        std::vector<world::dead>{{1, "hang", 3, "not handled within 10s"}, {2, "hang", 3, "not handled within 10s"}});
  CHECK(w.progress->checkpoint == 22);
  CHECK(w.s.system.counters().crashes == 0);
}

TEST_CASE("no more handlers run at once than may, though more is taken up", "[subscription]") {
  memory_view_disk disk;
  world w{disk};
  w.spec.max_in_flight = GENERATE(1, 3, 64);
  for (int i = 0; i < 100; ++i) w.append("s" + std::to_string(i), "nap");
  w.start();
  w.s.advance(1h);
  CHECK(w.most == w.spec.max_in_flight);
  CHECK(w.began.size() == 100);
  CHECK(w.progress->checkpoint == 100);
}

TEST_CASE("a handler that answers corrupt is tried again as for any other error; what does not decode is given up at once", "[subscription]") {
  memory_view_disk disk;
  world w{disk};
  w.append("a", "corrupt");
  w.append("b", "undecodable");
  w.start();
  w.s.run();
  CHECK(w.times("b:undecodable") == 1);
  REQUIRE(w.dead_letters().size() == 1);
  CHECK(w.dead_letters()[0] == world::dead{2, "undecodable", 1, "corrupt: event numbers.added does not decode: no number"});
  w.mended = "corrupt";
  w.s.advance(1min);
  CHECK(w.times("a:corrupt") == 2);
  CHECK(w.dead_letters().size() == 1);
  CHECK(w.progress->checkpoint == 2);
}
