// What a projection does with events that can not be applied, and with stores that fail.
#include <tests/framework/cqrs/numbers_view.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

using rows = std::vector<numbers_view::row>;

TEST_CASE("events that the view folds are applied in order, others are passed over") {
  numbers_view n;
  n.append("numbers-a");
  n.append("numbers-b");
  n.append("numbers-a", "1", "numbers.forgotten");
  n.append("letters-a");
  n.append("numbers-a");
  n.settle();
  CHECK(n.rows() == rows{{"numbers-a", 1}, {"numbers-b", 2}, {"numbers-a", 5}});
  CHECK(n.progress->applied == 5);
}

TEST_CASE("events that the view does not fold are no hole, though they are read alone") {
  numbers_view n;
  n.append("numbers-a");
  n.settle();
  n.append("numbers-a", "1", "numbers.forgotten");
  n.settle();
  n.append("numbers-a");
  n.settle();
  CHECK(n.rows() == rows{{"numbers-a", 1}, {"numbers-a", 3}});
  CHECK(n.progress->parked == 0);
  CHECK(n.progress->applied == 3);
}

TEST_CASE("that events of others were passed is stored ten times a second at most, and at once for a query") {
  numbers_view n;
  n.append("letters-a");
  n.settle();
  REQUIRE(n.progress->applied == 1);
  const int before = n.store->written();
  for (int i = 0; i < 50; ++i) {
    n.append(i % 2 == 0 ? "letters-a" : "numbers-a", "1", "letters.added");
    n.settle();
  }
  CHECK(n.store->written() == before);
  CHECK(n.progress->head == 51);

  SECTION("a query that has seen them waits for them, and for no clock") {
    const auto count = n.ask_count(51);
    CHECK(numbers_view::value_of(count).value() == 0);
    CHECK(n.progress->applied == 51);
    CHECK(n.store->written() == before + 1);
  }
  SECTION("with the next event for the view") {
    n.append("numbers-a");
    n.settle();
    CHECK(n.progress->applied == 52);
    CHECK(n.rows() == rows{{"numbers-a", 52}});
    CHECK(n.store->written() == before + 1);
  }
  SECTION("after a while without either") {
    n.settle(200ms);
    CHECK(n.progress->applied == 51);
    CHECK(n.store->written() == before + 1);
  }
}

TEST_CASE("an event whose apply throws is tried three times, then its stream is parked and the others go on") {
  numbers_view n;
  n.append("numbers-a");
  n.append("numbers-b", "!");
  n.append("numbers-a");
  n.append("numbers-b");
  n.settle();
  n.append("numbers-b");
  n.append("numbers-a");
  n.settle();
  CHECK(n.rows() == rows{{"numbers-a", 1}, {"numbers-a", 3}, {"numbers-a", 6}});
  CHECK(n.held() == std::vector<blocked_event>{{2, 1, "numbers-b", "internal: a defect"}, {4, 2, "numbers-b", ""}, {5, 3, "numbers-b", ""}});
  CHECK(n.tried[2] == 3);
  CHECK(n.progress->applied == 6);
  CHECK(n.progress->parked == 1);
  CHECK(n.progress->held == 3);
  CHECK(n.progress->parked_streams() == std::vector<blocked_event>{{2, 1, "numbers-b", "internal: a defect"}});
  CHECK(n.s.system.counters().crashes == 0);
  CHECK(
      n.log.text().ends_with("error   numbers: stream parked: the view goes on without its events stream=numbers-b position=2 "
                             "cause=\"internal: a defect\"\n"));
}

TEST_CASE("events that do not decode park their streams at once, all of a batch together") {
  numbers_view n;
  n.append("numbers-a", "?");
  n.append("numbers-b");
  n.append("numbers-c", "?");
  n.append("numbers-a");
  n.append("numbers-b");
  n.settle();
  CHECK(n.rows() == rows{{"numbers-b", 2}, {"numbers-b", 5}});
  CHECK(n.progress->parked == 2);
  CHECK(n.tried[2] <= 2);  // rolled back once
}

TEST_CASE("a full disk and a full memory are waited out, whoever meets them, and park nobody") {
  numbers_view n;
  n.append("numbers-a");
  SECTION("the store, for long") { n.store->fail_writes({code::exhausted, "the disk is full"}, 8); }
  SECTION("a store that is locked") { n.store->fail_writes({code::unavailable, "locked"}, 8); }
  SECTION("apply, more often than an event is tried") { n.surroundings_fail = 8; }
  SECTION("apply, for want of memory") { n.memory_fails = 5; }
  n.settle();
  CHECK(n.rows().empty());
  CHECK(n.progress->parked == 0);
  n.settle(30s);
  CHECK(n.rows() == rows{{"numbers-a", 1}});
  CHECK(n.progress->parked == 0);
  CHECK(n.s.system.counters().crashes == 0);
}

TEST_CASE("a view that waits for its store says so, and how far it is behind, until it goes on") {
  numbers_view n;
  n.append("numbers-a");
  n.settle();
  REQUIRE(n.progress->trouble().empty());
  n.store->fail_writes({code::unavailable, "the view is locked"}, 8);
  for (int i = 0; i < 3; ++i) {
    n.append("numbers-a");  // the first one is read and waits to be stored; nobody reads those behind it
    n.settle();
  }
  CHECK(n.progress->trouble() == "unavailable: the view is locked");
  CHECK(n.progress->applied == 1);
  CHECK(n.progress->lag() == 3);
  n.settle(30s);
  CHECK(n.progress->trouble().empty());
  CHECK(n.progress->applied == 4);
  CHECK(n.progress->lag() == 0);
}

TEST_CASE("a view that can not be opened yet says why, and how far it is behind") {
  numbers_view n;
  for (int i = 0; i < 2; ++i) n.append("numbers-a");
  n.settle();
  n.store->fail_opening({code::unavailable, "the view is locked"}, 8);
  n.restart();
  n.settle();
  CHECK(n.progress->trouble() == "unavailable: the view is locked");
  CHECK(n.progress->head == 2);
  n.settle(30s);
  CHECK(n.progress->trouble().empty());
  CHECK(n.progress->lag() == 0);
}

TEST_CASE("a store that is reached again is no trouble any more, though an event can not be applied") {
  numbers_view n{1000, {.held = 0}};
  n.store->fail_writes({code::unavailable, "the view is locked"}, 2);
  n.append("numbers-a", "!");
  n.settle();
  CHECK_FALSE(n.progress->trouble().empty());
  n.settle(10s);
  CHECK(n.progress->trouble().empty());
  CHECK(n.progress->stalled);
  CHECK(n.progress->lag() == 1);
}

TEST_CASE("a projection whose store is full pauses longer and longer, and does not spin") {
  numbers_view n;
  n.store->fail_writes({code::exhausted, "the disk is full"}, 1'000'000);
  n.append("numbers-a");
  int tried = 0;
  for (int i = 0; i < 6000; ++i) {
    n.s.run();
    while (n.journal.step()) n.s.run();
    while (n.store->step()) ++tried;
    n.s.advance(10ms);
  }
  CHECK(tried > 5);
  CHECK(tried < 30);
}

TEST_CASE("an error that no event is to blame for restarts the projection, which goes on from what is stored") {
  numbers_view n;
  n.append("numbers-a");
  SECTION("it was not stored") { n.store->fail_writes({code::internal, "a defect of the store"}); }
  SECTION("it was, and nobody knows") { n.store->lose_answers(); }
  n.settle();
  n.append("numbers-a");
  n.settle(1s);
  CHECK(n.rows() == rows{{"numbers-a", 1}, {"numbers-a", 2}});
  CHECK(n.s.system.counters().crashes == 1);
}

TEST_CASE("a parked stream is replayed in order with one call and is free again") {
  numbers_view n{2};  // in several batches
  n.append("numbers-a", "!");
  for (int i = 0; i < 5; ++i) {
    n.append("numbers-a", "1", i % 2 ? "numbers.added" : "numbers.forgotten");
    n.append("numbers-b");
  }
  n.append("numbers-a");
  n.settle();
  REQUIRE(n.held().size() == 4);
  n.mended = true;
  CHECK(n.replay("numbers-a").value() == replayed{4});
  CHECK(n.held().empty());
  CHECK(n.progress->parked == 0);
  CHECK(n.progress->parked_streams().empty());
  n.append("numbers-a");
  n.settle();
  rows of_a;
  for (auto& r : n.rows())
    if (r.first == "numbers-a") of_a.push_back(r);
  CHECK(of_a == rows{{"numbers-a", 1}, {"numbers-a", 4}, {"numbers-a", 8}, {"numbers-a", 12}, {"numbers-a", 13}});
}

TEST_CASE("a replay that meets another bad event applies those before it, says where it stopped, and stays parked from there") {
  numbers_view n;
  n.append("numbers-a", "?");
  n.append("numbers-a");
  auto second = GENERATE(std::string{"?"}, std::string{"!"});
  n.append("numbers-a", second);
  n.append("numbers-a");
  n.settle();
  REQUIRE(n.held().size() == 4);
  auto usual = n.spec.apply;
  n.spec.apply = [&](view_writer& v, const recorded_event& e) -> result<done> {
    n.mended = e.position != 3;
    return usual(v, e);
  };
  auto stopped = n.replay("numbers-a");
  REQUIRE(stopped.has_error());
  CHECK(stopped.error().reason == "parked");
  CHECK(stopped.error().message.find("position 3 of stream numbers-a can still not be applied (2 before it were)") != std::string::npos);
  CHECK(n.rows() == rows{{"numbers-a", 1}, {"numbers-a", 2}});
  auto held = n.held();
  REQUIRE(held.size() == 2);
  CHECK(held[0].position == 3);
  CHECK(held[0].reason == (second == "?" ? "corrupt: not a number" : "internal: a defect"));
  CHECK(n.progress->parked_streams().at(0).position == 3);
  n.spec.apply = usual;
  n.mended = true;
  CHECK(n.replay("numbers-a").value() == replayed{2});
  CHECK(n.rows().size() == 4);
}

TEST_CASE("a stream that is not parked can not be replayed") {
  numbers_view n;
  n.append("numbers-a");
  n.settle();
  CHECK(n.replay("numbers-a").error().code == code::not_found);
  CHECK(n.replay("numbers-x").error().code == code::not_found);
  CHECK(n.rows().size() == 1);
}

TEST_CASE("replays that nobody can wait for are refused, not collected") {
  numbers_view n;
  n.store->fail_writes({code::exhausted, "the disk is full"}, 1'000'000);
  n.append("numbers-a");
  n.settle();
  std::vector<stepped::answer_slot<replayed>> asked;
  for (int i = 0; i < 101; ++i) asked.push_back(n.s.ask(n.projection, replay_parked{"numbers-a"}, 1min));
  CHECK_FALSE(asked[99].is_there());
  REQUIRE(asked[100].is_there());
  CHECK(asked[100]->error().code == code::exhausted);
}

TEST_CASE("what is held survives restarts, also in the middle of a batch or a replay") {
  numbers_view n{3};
  n.append("numbers-a", "?");
  for (int i = 0; i < 4; ++i) n.append("numbers-a");
  n.append("numbers-b");
  n.settle();
  auto held = n.held();
  REQUIRE(held.size() == 5);
  n.restart();
  n.settle();
  n.append("numbers-a");
  n.settle();
  CHECK(n.held().size() == 6);
  CHECK(n.rows() == rows{{"numbers-b", 6}});
  CHECK(n.progress->parked == 1);

  n.mended = true;
  auto lost = n.s.ask(n.projection, replay_parked{"numbers-a"}, 1min);
  while (n.held().size() == 6) {
    n.s.run();
    if (!n.journal.step()) n.store->step();
  }
  n.restart();  // the first part is committed, its answer is on the way
  n.settle();
  CHECK(lost->error().outcome == outcome::unknown);
  CHECK(n.held().size() == 3);
  CHECK(n.replay("numbers-a").value() == replayed{3});
  CHECK(n.rows() ==
        rows{{"numbers-b", 6}, {"numbers-a", 1}, {"numbers-a", 2}, {"numbers-a", 3}, {"numbers-a", 4}, {"numbers-a", 5}, {"numbers-a", 7}});
}

TEST_CASE("when no more may be held the view stands still, and goes on when a replay makes room") {
  numbers_view n{1000, {.held = 2}};
  n.append("numbers-a", "?");
  n.append("numbers-a");
  n.append("numbers-b");
  n.append("numbers-a");
  n.append("numbers-b");
  n.settle();
  CHECK(n.progress->stalled);
  CHECK(n.progress->applied == 3);
  CHECK(n.rows() == rows{{"numbers-b", 3}});
  n.append("numbers-b");
  n.settle();
  CHECK(n.progress->applied == 3);
  n.mended = true;
  n.replay("numbers-a").value();
  CHECK_FALSE(n.progress->stalled);
  CHECK(n.progress->applied == 6);
  CHECK(n.rows() == rows{{"numbers-b", 3}, {"numbers-a", 1}, {"numbers-a", 2}, {"numbers-a", 4}, {"numbers-b", 5}, {"numbers-b", 6}});
}

TEST_CASE("more events are held than one statement finds") {
  numbers_view n;
  n.append("numbers-a", "?");
  for (int i = 0; i < 2500; ++i) n.append("numbers-a");
  n.settle();
  n.restart();
  n.settle();
  CHECK(n.progress->held == 2501);
}

TEST_CASE("of a long reason the beginning is kept") {
  numbers_view n;
  n.spec.apply = [](view_writer&, const recorded_event&) -> result<done> {
    throw std::runtime_error{std::string(490, 'x') + "\u2014\u2014"};
  };
  n.append("numbers-a");
  n.settle();
  CHECK(n.held().at(0).reason == "internal: " + std::string(490, 'x') + "...");
}
