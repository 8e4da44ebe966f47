// What is refused leaves nothing behind: no entity active, no record in the journal.
#include <tests/framework/sharding/many_shards.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

TEST_CASE("a command that is wrong whatever the state is refused before an entity wakes up") {
  many_shards m{4, 0};
  for (int n = 0; n < 50; ++n) {
    const auto refused = m.ask(add{"fake" + std::to_string(n), 0}, std::to_string(n));
    CHECK(refused.error().code == code::invalid_argument);
    CHECK(refused.error().field == "n");
    CHECK(m.census->active() == 0);
  }
  CHECK(m.streams() == 0);
  CHECK(m.ask(add{"fake1", 1}).value() == 1);
}

TEST_CASE("what an entity refuses that does not exist is not recorded, and the entity sleeps at once") {
  many_shards m{4, 0};
  for (int n = 0; n < 50; ++n) {
    const auto counter = "fake" + std::to_string(n);
    CHECK(m.ask(need_some{counter}, counter).error().reason == "none");
    CHECK(m.ask(need_some{counter}, counter).error().reason == "none");  // the same answer when it comes again
  }
  CHECK(m.census->active() == 0);
  CHECK(m.streams() == 0);
}

TEST_CASE("an entity that exists records its refusals and stays active") {
  many_shards m{1, 0};
  m.ask(add{"a", 1}).value();
  CHECK(m.ask(need_even{"a"}, "even").error().reason == "odd");
  CHECK(m.census->active() == 1);
  m.ask(add{"a", 1}).value();
  CHECK(m.ask(need_even{"a"}, "even").error().reason == "odd");
}

TEST_CASE("an entity that begins to exist while it is offered to sleep keeps what it was told") {
  many_shards m{1, 0, 1h, {.executor = memory_journal::by_hand}};
  auto refused = m.send(need_some{"a"});
  m.s.run();
  auto accepted = m.send(add{"a", 5}, "five");
  m.settle();
  CHECK(counters::value_of(refused).error().reason == "none");
  CHECK(counters::value_of(accepted).value() == 5);
  CHECK(m.ask(add{"a", 5}, "five").value() == 5);
  CHECK(m.ask(add{"a", 1}).value() == 6);
}

TEST_CASE("a burst of entities that do not exist leaves the memory of a shard as it was") {
  many_shards m{1, 0};
  for (int n = 0; n < 3'000; ++n) m.send(need_some{"fake" + std::to_string(n)});
  m.settle();
  CHECK(m.census->active() == 0);
  CHECK_FALSE(m.census->takes_memory_duty());  // a shard has it, until the burst is over
  m.s.advance(11s);
  CHECK_FALSE(m.census->takes_memory_duty());  // and has given memory back
}

TEST_CASE("a command whose check throws is answered alone: the entities of its shard stay active") {
  many_shards m{1, 0};
  m.ask(add{"a", 1}).value();
  m.ask(add{"b", 1}).value();
  const auto active = m.census->active();
  const auto before = m.s.system.counters();
  const auto defect = m.ask(check_defect{"a"});
  CHECK(defect.error().code == code::internal);
  CHECK(defect.error().message.find("a defect") == std::string::npos);  // that is for the log
  CHECK(m.census->active() == active);
  CHECK(m.s.system.counters().crashes == before.crashes);
  CHECK(m.s.system.counters().failed_requests == before.failed_requests + 1);
  CHECK(m.ask(add{"a", 1}).value() == 2);
}
