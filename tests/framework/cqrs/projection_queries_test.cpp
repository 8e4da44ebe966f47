// What queries that present a position are told, while the projection follows, holds back, stands still or starts.
#include <tests/framework/cqrs/numbers_view.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

TEST_CASE("a query that presents a position is answered from a view that includes it") {
  numbers_view n;
  auto at = n.append("numbers-a");
  auto a = n.ask_count(at);
  CHECK(n.value_of(a).value() == 1);
}

TEST_CASE("a query for a write that is held back is told so, before and after the view has passed it") {
  numbers_view n;
  auto at = n.append("numbers-a", GENERATE(std::string{"?"}, std::string{"!"}));
  auto other = n.append("numbers-b");
  auto waited = n.ask_count(at);
  CHECK(n.value_of(waited).error().code == code::unavailable);
  CHECK(n.value_of(waited).error().reason == "parked");
  auto later = n.ask_count(at);
  CHECK(n.value_of(later).error().reason == "parked");
  CHECK(n.value_of(n.ask_count(other)).value() == 1);
  CHECK(n.value_of(n.ask_count(0)).value() == 1);
  n.mended = true;
  n.replay("numbers-a").value();
  CHECK(n.value_of(n.ask_count(at)).value() == 2);
}

TEST_CASE("a query for a position that nobody writes is stale after its time, and waits no longer") {
  numbers_view n;
  auto a = n.ask_count(5);
  CHECK_FALSE(a.is_there());
  auto begun = n.s.clock.time;
  while (!a.is_there()) n.settle(10ms);
  CHECK(n.s.clock.time - begun >= 2s);
  CHECK(n.s.clock.time - begun < 2100ms);
  CHECK(n.value_of(a).error().code == code::deadline_exceeded);
  CHECK(n.value_of(a).error().reason == "stale_view");
}

TEST_CASE("queries that wait are bounded, and those whose time is up make room though the view stands still") {
  auto open = GENERATE(true, false);
  numbers_view n{1000, {.waiting = 2}};
  if (!open) {
    n.restart();
    n.s.run();  // what it asks of the journal is not answered
  }
  auto ask = [&](timespan limit) { return n.s.ask(n.projection, projection_actor::await_position{5}, limit); };
  auto first = ask(3s), second = ask(1s);
  auto third = ask(1s);
  REQUIRE(third.is_there());
  CHECK(third->error().code == code::exhausted);
  if (!open) return;
  n.settle(1100ms);
  CHECK(second.is_there());
  CHECK_FALSE(first.is_there());
  CHECK_FALSE(ask(1s).is_there());
  CHECK(ask(1s).is_there());
}

TEST_CASE("queries that come while the view is being opened are answered when it is") {
  numbers_view n;
  n.append("numbers-a");
  n.settle();
  n.restart();
  n.s.run();
  auto a = n.s.ask(n.projection, projection_actor::await_position{1}, 1s);
  auto b = n.s.ask(n.projection, projection_actor::await_position{2}, 1s);
  CHECK_FALSE(a.is_there());
  n.settle();
  CHECK(a->value() == freshness::fresh);
  CHECK_FALSE(b.is_there());
  n.append("numbers-a");
  n.settle();
  CHECK(b->value() == freshness::fresh);
}
