// An entity whose stream others write to, at the worst moments: what it was told is true all the same.
#include <tests/framework/event_sourcing/counters.hpp>

#include <catch2/catch.hpp>

#include <map>

using namespace banyan;
using namespace banyan::test;

namespace {

struct rival_sent {
  std::string command;
  bool adds;
  stepped::answer_slot<message_ptr> answer;
};

// Every command that was answered with success is in the stream once, and its answer is the total right after it: what it was decided on
// is what lies before it. What was refused or failed without a doubt is not there.
void check_answers(counters& c, const std::vector<rival_sent>& all) {
  std::map<uuid, std::vector<std::int64_t>> totals;  // after each event of a command
  std::int64_t total = 0;
  for (const auto& e : c.events()) {
    total += from_json<added>(e.payload).value().n;
    totals[e.metadata.causation].push_back(total);
  }
  for (const auto& s : all) {
    INFO("command " << s.command);
    REQUIRE(s.answer.count() == 1);
    const auto& of_it = totals[id_of(s.command)];
    const auto value = c.value_of(s.answer);
    REQUIRE(of_it.size() <= 1);
    if (s.adds && value) {
      REQUIRE(of_it.size() == 1);
      REQUIRE(*value == of_it[0]);
    }
    if (!s.adds) REQUIRE(of_it.empty());
    if (!s.adds && value) REQUIRE(*value % 2 == 0);
  }
}

// Sends, lets the journal work, writes to the stream and breaks the disk, in an order of its own for each seed.
void run(std::uint64_t seed, bool with_rival) {
  INFO("seed " << seed);
  counting_random random{seed};
  counters c{static_cast<int>(random.below(4))};
  c.settle();
  auto rival = with_rival ? c.another() : address{};
  std::vector<rival_sent> all;
  const auto send = [&] {
    const auto number = random.below(25);  // few, so that some are sent again: always the same command under the same id
    const auto command = std::to_string(number);
    const bool to_rival = with_rival && random.below(2) == 0;
    if (to_rival) std::swap(c.who, rival);
    const auto n = static_cast<std::int64_t>(number * number + 1);
    if (number % 4 == 3)
      all.push_back({command, false, c.send(need_even{"c"}, command)});
    else if (number % 4 == 2)
      all.push_back({command, true, c.send(add_hour{"c"}, command)});
    else
      all.push_back({command, true, c.send(add{"c", n}, command)});
    if (to_rival) std::swap(c.who, rival);
  };
  for (int i = 0; i < 40; ++i) {
    switch (random.below(8)) {
      case 0: c.append_later("counters.added", R"({"n":1000})"); break;
      case 1: c.journal.step(); break;
      case 2: c.s.run(); break;
      case 3: c.s.clock.time += std::chrono::minutes{20}; break;
      case 4: if (random.below(4) == 0) c.journal.fail_syncs(1); break;
      default: send();
    }
  }
  c.journal.fail_syncs(0);
  c.settle();
  check_answers(c, all);
  std::int64_t folded = 0;
  for (const auto& e : c.events()) folded += from_json<added>(e.payload).value().n;
  REQUIRE(c.ask(add{"c", 1}).value() == folded + 1);
  if (with_rival) {
    c.who = rival;
    REQUIRE(c.ask(add{"c", 1}).value() == folded + 2);
  }
}

}  // namespace

TEST_CASE("an event of somebody else that takes the place of one on its way is seen by the command behind it") {
  counters c;
  c.ask(add{"c", 1}).value();
  c.append_later("counters.added", R"({"n":100})");
  auto first = c.send(add{"c", 1}, "one"), second = c.send(add{"c", 2}, "two"), refused = c.send(need_even{"c"}, "even");
  c.settle();
  CHECK(c.value_of(first).value() == 102);
  CHECK(c.value_of(second).value() == 104);
  CHECK(c.value_of(refused).value() == 104);
  CHECK(c.events().size() == 4);
}

TEST_CASE("whatever a stranger writes between an entity's commands, every answer is true and nothing is applied twice") {
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) run(seed, false);
}

TEST_CASE("two actors of one entity that are sent the same commands apply each once, and every answer is true") {
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) run(seed, true);
}
