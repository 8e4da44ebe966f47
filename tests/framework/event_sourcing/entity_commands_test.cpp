// Commands of an entity: when they are answered, and what a repeated one gets.
#include <tests/framework/event_sourcing/counters.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

TEST_CASE("a command is answered when its events are durable, and not before") {
  counters c;
  c.settle();
  auto a = c.send(add{"c", 5});
  CHECK_FALSE(a.is_there());
  c.journal.step();
  c.s.run();
  REQUIRE(a.is_there());
  CHECK(c.value_of(a).value() == 5);
  CHECK((**a)->position == 1);
  CHECK(c.events().size() == 1);
}

TEST_CASE("commands are decided one after the other while earlier ones are written, and answered in order") {
  counters c;
  c.settle();
  auto first = c.send(add{"c", 1}), second = c.send(add{"c", 2}), third = c.send(add{"c", 3});
  c.journal.step();
  c.s.run();
  CHECK(c.value_of(first).value() == 1);
  CHECK(c.value_of(second).value() == 3);
  CHECK(c.value_of(third).value() == 6);
}

TEST_CASE("a repeated command gets the first answer and adds no event") {
  counters c;
  CHECK(c.ask(add{"c", 5}, "one").value() == 5);
  CHECK(c.ask(add{"c", 1}, "two").value() == 6);
  CHECK(c.ask(add{"c", 5}, "one").value() == 5);
  SECTION("also by an entity that woke up again") {
    c.open();
    CHECK(c.ask(add{"c", 5}, "one").value() == 5);
    CHECK(c.ask(add{"c", 1}, "two").value() == 6);
  }
  CHECK(c.events().size() == 2);
}

TEST_CASE("the answer to a repeated command says which position it includes") {
  counters c;
  c.ask(add{"c", 5}, "one").value();
  auto repeat = c.send(add{"c", 5}, "one");
  CHECK((**repeat)->position == 1);
  c.open();
  auto later = c.send(add{"c", 5}, "one");
  c.settle();
  CHECK((**later)->position == 1);
}

TEST_CASE("a command repeated while the first is being written waits for it") {
  counters c;
  c.settle();
  auto first = c.send(add{"c", 5}, "one"), repeat = c.send(add{"c", 5}, "one");
  CHECK_FALSE(repeat.is_there());
  c.settle();
  CHECK(c.value_of(first).value() == 5);
  CHECK(c.value_of(repeat).value() == 5);
  CHECK(c.events().size() == 1);
}

TEST_CASE("a command id that was used for another command is a conflict") {
  counters c;
  c.ask(add{"c", 5}, "one").value();
  if (GENERATE(false, true)) c.open();
  auto other_payload = c.ask(add{"c", 6}, "one");
  CHECK(other_payload.error().code == code::conflict);
  CHECK(other_payload.error().reason == "command_id_reused");
  CHECK(c.ask(need_even{"c"}, "one").error().reason == "command_id_reused");
  CHECK(c.events().size() == 1);
}

TEST_CASE("a command that says what it is may come again with something else looked up, and gets the first answer") {
  counters c;
  CHECK(c.ask(add_found{"c", 5}, "one").value() == 5);
  if (GENERATE(false, true)) c.open();
  CHECK(c.ask(add_found{"c", 7}, "one").value() == 5);
  CHECK(c.ask(add_found{"another", 5}, "one").error().reason == "command_id_reused");
  CHECK(c.events().size() == 1);
}

TEST_CASE("commands without an id are different commands, however alike") {
  counters c;
  CHECK(c.ask(add{"c", 5}).value() == 5);
  CHECK(c.ask(add{"c", 5}).value() == 10);
}

TEST_CASE("a refusal is remembered like any other answer") {
  counters c;
  c.ask(add{"c", 1}).value();
  CHECK(c.ask(need_even{"c"}, "even").error().reason == "odd");
  c.ask(add{"c", 1}).value();
  CHECK(c.ask(need_even{"c"}, "even").error().reason == "odd");
  c.open();
  auto again = c.ask(need_even{"c"}, "even");
  CHECK(again.error() == error{code::refused, "the total is odd"}.because("odd"));
  CHECK(c.ask(need_even{"c"}, "another").value() == 2);
}

TEST_CASE("a command whose time is up when the entity has woken up is not decided") {
  counters c;
  auto a = c.send(add{"c", 5}, {}, 1s);  // the journal has not been read yet
  c.s.advance(2s);
  c.settle();
  REQUIRE(a.is_there());
  CHECK(c.value_of(a).error().code == code::deadline_exceeded);
  CHECK(c.events().empty());
}

TEST_CASE("commands that wait for an entity to wake up are bounded") {
  counters c;
  std::vector<stepped::answer_slot<message_ptr>> answers;
  for (std::size_t i = 0; i < entity::max_waiting + 1; ++i) answers.push_back(c.send(add{"c", 1}));
  REQUIRE(answers.back().is_there());
  CHECK(c.value_of(answers.back()).error().code == code::exhausted);
  CHECK_FALSE(answers.front().is_there());
  c.settle();
  CHECK(c.value_of(answers[entity::max_waiting - 1]).value() == static_cast<std::int64_t>(entity::max_waiting));
}
