// Key functions: what they are given, and what happens when one throws.
#include <tests/framework/sharding/many_shards.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

using keys = sharded<test::counter>;

std::string fussy(const test::counter::command& c) {
  return std::visit(
      [](const auto& x) {
        if (x.counter == "strange") throw std::runtime_error{"a defect of the key function"};
        if (x.counter == "polite") throw result_error{error{code::refused, "counters have other names"}.at("counter")};
        return x.counter;
      },
      c);
}

// As the plan makes it.
shard_spec spec_of(keys k) {
  plan p{"test"};
  k.contribute(p);
  return *p.all<shard_spec>().front().second;
}

}  // namespace

TEST_CASE("a key function sees the command, which is as it was afterwards, whether it throws or not") {
  const auto spec = spec_of({.entity = fussy});
  for (const std::string counter : {"a", "strange", "polite"}) {
    auto l = make_message<add_found>(add_found{counter, 7});
    const auto key = spec.entity_of(*l);
    CHECK(key.has_value() == (counter == "a"));
    CHECK(l->as<add_found>().counter == counter);
    CHECK(l->as<add_found>().found == 7);
  }
}

TEST_CASE("a command whose key function throws is refused alone: the entities of its shard stay active") {
  many_shards m{1, 0};
  m.spec = spec_of({.entity = fussy, .shards = 1});
  CHECK(m.ask(add{"a", 1}).value() == 1);
  CHECK(m.ask(add{"b", 1}).value() == 1);
  const auto active = m.census->active();
  const auto crashes = m.s.system.counters().crashes;
  const auto strange = m.ask(add{"strange", 1});
  CHECK(strange.error().code == code::invalid_argument);
  CHECK(strange.error().message.find("a defect") == std::string::npos);  // that is for the log
  CHECK(strange.error().outcome == outcome::not_applied);
  const auto polite = m.ask(add{"polite", 1});
  CHECK(polite.error().code == code::invalid_argument);
  CHECK(polite.error().message == "counters have other names");
  CHECK(polite.error().field == "counter");
  CHECK(m.census->active() == active);
  CHECK(m.s.system.counters().crashes == crashes);
  CHECK(m.ask(add{"a", 1}).value() == 2);
}

TEST_CASE("a place key function that throws refuses its command in whichever shard it comes to") {
  many_shards m{1, 0};
  m.spec = spec_of({.entity = [](const test::counter::command&) { return std::string{"a"}; }, .place_by = fussy, .shards = 1});
  CHECK(m.spec.has_place_key);
  CHECK(m.ask(add{"strange", 1}).error().code == code::invalid_argument);
  CHECK(m.ask(add{"b", 1}).value() == 1);
}
