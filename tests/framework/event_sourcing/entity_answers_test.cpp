// Answers of the journal in any order: refusals at once, ahead of appends that wait. Whatever the order, each command gets the answer of its
// own append, and what was decided on top of an event that was never stored is decided again.
#include <tests/framework/event_sourcing/counters.hpp>
#include <tests/framework/event_sourcing/moody_journal.hpp>

#include <catch2/catch.hpp>

#include <map>

using namespace banyan;
using namespace banyan::test;

namespace {

constexpr std::size_t too_long = 1'100'000;  // bytes: no journal takes such an event

std::int64_t total_of(counters& c) {
  std::int64_t total = 0;
  for (const auto& e : c.events()) total += from_json<added>(e.payload).value().n;
  return total;
}

}  // namespace

TEST_CASE("a refusal of a full queue goes to the command that was refused, not to the one that waits in the queue") {
  counters c{0, {.executor = memory_journal::by_hand, .queue = 1}};
  c.settle();
  auto first = c.send(add{"c", 1}), second = c.send(add{"c", 2});
  CHECK_FALSE(first.is_there());
  CHECK_FALSE(second.is_there());  // answers keep the order of the commands
  c.settle();
  CHECK(c.value_of(first).value() == 1);
  CHECK(c.value_of(second).error().code == code::exhausted);
  CHECK(c.value_of(second).error().outcome == outcome::not_applied);
  CHECK(c.ask(add{"c", 5}).value() == 6);  // decided on 1
  CHECK(c.events().size() == 2);
}

TEST_CASE("an event that is too large is refused to its own command; those around it are answered for themselves") {
  counters c;
  c.settle();
  auto first = c.send(add{"c", 1}), large = c.send(add_text{"c", too_long}, "large"), third = c.send(add{"c", 10});
  auto refused = c.send(need_even{"c"}, "even");
  c.settle();
  CHECK(c.value_of(first).value() == 1);
  CHECK(c.value_of(large).error().code == code::invalid_argument);
  CHECK(c.value_of(third).value() == 11);  // it was decided on the state with the large event, and is decided again without it
  CHECK(c.value_of(refused).error().reason == "odd");
  CHECK(total_of(c) == 11);
}

TEST_CASE("what was decided on top of an append that was refused is decided again, in its order") {
  counters c;
  c.settle();
  c.journal.refuse_appends(1, error{code::exhausted, "the journal's queue is full"});
  auto first = c.send(add{"c", 1}, "one"), second = c.send(add{"c", 2}), again = c.send(add{"c", 1}, "one"), third = c.send(add{"c", 4});
  c.settle();
  CHECK(c.value_of(first).error().code == code::exhausted);
  CHECK(c.value_of(second).value() == 2);
  CHECK(c.value_of(again).value() == 3);
  CHECK(c.value_of(third).value() == 7);
  CHECK(c.events().size() == 3);
}

TEST_CASE("answers in reversed order reach their own commands, which are answered in the order in which they came") {
  counters c;
  moody_journal moody{c.journal};
  c.use(moody);
  c.settle();
  std::vector<std::string> heard;
  auto first = c.send(add{"c", 1}, "one"), second = c.send(add{"c", 2}, "two"), third = c.send(add{"c", 3}, "three");
  moody.pass_on_all();
  c.journal.step();
  REQUIRE(moody.answers() == 3);
  moody.answer_one(2);
  c.s.run();
  CHECK_FALSE(third.is_there());
  moody.answer_one(1);
  c.s.run();
  CHECK_FALSE(second.is_there());
  moody.answer_one(0);
  c.s.run();
  CHECK(c.value_of(first).value() == 1);
  CHECK(c.value_of(second).value() == 3);
  CHECK(c.value_of(third).value() == 6);
  CHECK((**first)->position == 1);
  CHECK((**third)->position == 3);
}

TEST_CASE("a failure that is answered before the appends ahead of it is not theirs") {
  counters c;
  moody_journal moody{c.journal};
  c.use(moody);
  c.settle();
  auto first = c.send(add{"c", 1}, "one"), second = c.send(add{"c", 2}, "two"), third = c.send(add{"c", 4}, "three");
  moody.pass_on_one(0);
  moody.refuse_one(0, error{code::exhausted, "no room"});  // of what waits now: the second
  moody.pass_on_one(0);
  c.journal.step();
  while (moody.answers() > 0) moody.answer_one(moody.answers() - 1);
  c.s.run();
  moody.at_ease();
  c.settle();
  CHECK(c.value_of(first).value() == 1);
  CHECK(c.value_of(second).error().code == code::exhausted);
  CHECK(c.value_of(third).value() == 5);
  CHECK(total_of(c) == 5);
}

namespace {

struct sent {
  std::string command;
  std::int64_t n = 0;  // 0: adds nothing
  stepped::answer_slot<message_ptr> answer;
};

// Sends commands to an entity whose journal reorders, refuses, repeats and delays, as the seed says.
void run(std::uint64_t seed) {
  INFO("seed " << seed);
  counting_random random{seed};
  counters c{static_cast<int>(random.below(4))};
  moody_journal moody{c.journal};
  c.use(moody);
  c.spec.max_in_flight = static_cast<int>(1 + random.below(8));
  std::vector<sent> all;
  for (int i = 0; i < 60; ++i) {
    switch (random.below(10)) {
      case 0: c.journal.step(); break;
      case 1: c.s.run(); break;
      case 2: moody.pass_on(random); break;
      case 3: moody.answer(random); break;
      case 4: moody.refuse(random); break;
      case 5: if (random.below(3) == 0) c.journal.fail_syncs(1); break;
      default: {
        const auto number = random.below(20);  // few, so that some are sent again, always the same under the same id
        const auto command = std::to_string(number);
        const auto n = static_cast<std::int64_t>(number * number + 1);
        if (number % 5 == 4)
          all.push_back({command, 0, c.send(need_even{"c"}, command)});
        else if (number % 5 == 3)
          all.push_back({command, 0, c.send(need_some{"c"}, command)});
        else
          all.push_back({command, n, c.send(add{"c", n}, command)});
      }
    }
  }
  c.journal.fail_syncs(0);
  moody.at_ease();
  c.settle();
  std::map<uuid, std::int64_t> totals;  // after each command's event
  std::int64_t total = 0;
  for (const auto& e : c.events()) {
    total += from_json<added>(e.payload).value().n;
    REQUIRE(totals.emplace(e.metadata.causation, total).second);  // stored once
  }
  for (const auto& s : all) {
    INFO("command " << s.command);
    REQUIRE(s.answer.count() == 1);
    const auto value = c.value_of(s.answer);
    const auto stored = totals.find(id_of(s.command));
    if (s.n == 0) {
      REQUIRE(stored == totals.end());
      if (value && *value != 0) REQUIRE(std::ranges::any_of(totals, [&](auto& t) { return t.second == *value; }));
    } else if (value) {
      REQUIRE(stored != totals.end());
      REQUIRE(stored->second == *value);
    }
  }
  REQUIRE(c.ask(add{"c", 1}).value() == total + 1);
}

}  // namespace

TEST_CASE("with a journal that reorders, refuses, repeats and delays, what is acknowledged is stored once and every answer is true") {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) run(seed);
}
