// What an entity counts of its commands.
#include <tests/framework/event_sourcing/counters.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

struct metered : counters {
  metered() {
    meters = command_meters::of(metrics, "counter");
    open();
  }
  bool shows(const std::string& line) const { return metrics.text().find("\n" + line + "\n") != std::string::npos; }
  metrics_registry metrics;
};

}  // namespace

TEST_CASE("commands are counted by what became of them, when it is durable") {
  metered c;
  c.settle();
  auto a = c.send(add{"c", 5}, "one");
  CHECK(c.meters.accepted.value() == 0);
  c.settle();
  CHECK(c.meters.accepted.value() == 1);
  c.ask(need_even{"c"});
  CHECK(c.meters.refused.value() == 1);
  c.ask(add{"c", 5}, "one");
  CHECK(c.meters.repeated.value() == 1);
  c.ask(add{"c", 6}, "one");  // the same id for another command
  c.journal.fail_syncs(1);
  CHECK_FALSE(c.ask(add{"c", 1}));
  CHECK(c.meters.failed.value() == 2);
  CHECK(c.meters.accepted.value() == 1);
  CHECK(c.meters.conflicts.value() == 0);
  CHECK(c.shows(R"(banyan_commands_total{aggregate="counter",outcome="refused"} 1)"));
}

TEST_CASE("a repeat is counted as such too when only the journal remembers the command") {
  metered c;
  c.ask(add{"c", 5}, "one");
  for (int i = 0; i < 1100; ++i) c.ask(add{"c", 1});  // more than an entity remembers
  CHECK(c.ask(add{"c", 5}, "one").value() == 5);
  CHECK(c.meters.repeated.value() == 1);
}

TEST_CASE("a command that is decided again because its stream moved on is a conflict, and counts once as accepted") {
  metered c;
  c.ask(add{"c", 1});
  c.append("counters.added", R"({"n":10})");
  CHECK(c.ask(add{"c", 5}).value() == 16);
  CHECK(c.meters.conflicts.value() == 1);
  CHECK(c.meters.accepted.value() == 2);
  CHECK(c.meters.failed.value() == 0);
}

TEST_CASE("the time of a command begins when it comes and ends when its answer is durable") {
  metered c;
  auto waits = c.send(add{"c", 1});  // for the entity to load
  c.s.advance(2s);
  c.settle();
  REQUIRE(waits.is_there());
  CHECK(c.shows(R"(banyan_command_seconds_sum{aggregate="counter"} 2)"));
  CHECK(c.shows(R"(banyan_command_seconds_count{aggregate="counter"} 1)"));
}
