// The actor that has a journal forget what is beyond the horizon of its commands.
#include <tests/conformance/journal_calls.hpp>
#include <tests/framework/event_sourcing/moody_journal.hpp>

#include <banyan/event_sourcing/command_forgetter.hpp>
#include <banyan/journal/journal_rules.hpp>
#include <banyan/engines/memory/memory_journal.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

// Counts the steps that it is asked for, and can be away.
struct watched_journal final : moody_journal {
  using moody_journal::moody_journal;
  void forget_commands(forget_request r, completion<forgotten> done) override {
    asked.push_back(r);
    if (is_away) return done(error{code::unavailable, "away"});
    moody_journal::forget_commands(std::move(r), std::move(done));
  }
  std::vector<forget_request> asked;
  bool is_away = false;
};

struct world {
  explicit world(command_horizon h = {}) {
    s.system.spawn([this, h] { return std::make_unique<command_forgetter>(watched, "orders", h, forgotten_commands); },
                   {});
    s.run();
  }
  void answer(const std::string& stream, std::uint64_t n) {
    stored.append({{}, journal_test::command(stream, n)}, [](result<append_result>) {});
  }
  std::size_t remembered(const std::string& stream) {
    return journal_test::load(stored, {.stream = stream, .commands = 10'000}).value().commands.size();
  }

  stepped s;
  metrics_registry metrics;
  counter forgotten_commands = metrics.counter("forgotten", "Forgotten.");
  memory_journal stored{memory_journal::options{.clock = &s.clock}};
  watched_journal watched{stored};
};

}  // namespace

TEST_CASE("once an hour the commands beyond the horizon are forgotten, those of other categories are not") {
  world w{{.age = 48h, .per_stream = 3}};
  for (std::uint64_t n = 1; n <= 5; ++n) w.answer("orders-1", n);
  w.answer("carts-1", 1);
  w.s.advance(59min);
  CHECK(w.watched.asked.empty());
  CHECK(w.remembered("orders-1") == 5);
  w.s.advance(1min + 1s);
  CHECK(w.remembered("orders-1") == 3);
  w.s.advance(46h);
  CHECK(w.remembered("orders-1") == 3);
  w.s.advance(3h);
  CHECK(w.remembered("orders-1") == 0);
  CHECK(w.remembered("carts-1") == 1);
  CHECK(w.forgotten_commands.value() == 5);
}

TEST_CASE("a round goes on from step to step with a pause in between, until all streams were looked at") {
  world w{{.per_stream = 1}};
  const auto most = journal_limits::forgetting;
  for (std::uint64_t n = 1; n <= 2 * most + 10; ++n) w.answer("orders-1", n);
  w.s.advance(1h + 10ms);
  CHECK(w.watched.asked.size() == 1);
  CHECK(w.remembered("orders-1") == most + 10);
  w.s.advance(command_forgetter::between_steps);
  CHECK(w.remembered("orders-1") == 10);
  w.s.advance(1min);
  CHECK(w.remembered("orders-1") == 1);
  CHECK(w.watched.asked.size() == 3);
  CHECK(w.watched.asked.back().from == "orders-1");
  CHECK(w.forgotten_commands.value() == 2 * most + 9);
  w.s.advance(1h);
  REQUIRE(w.watched.asked.size() == 4);
  CHECK(w.watched.asked.back().from.empty());  // the next round begins anew
}

TEST_CASE("a journal that is away is asked again an hour later") {
  world w{{.per_stream = 1}};
  w.answer("orders-1", 1);
  w.answer("orders-1", 2);
  w.watched.is_away = true;
  w.s.advance(1h + 10ms);
  CHECK(w.watched.asked.size() == 1);
  w.watched.is_away = false;
  w.s.advance(59min);
  CHECK(w.remembered("orders-1") == 2);
  w.s.advance(1min + 10ms);
  CHECK(w.remembered("orders-1") == 1);
}
