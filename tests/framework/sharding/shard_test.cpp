// A shard wakes entities up and lets them sleep. Whether one sleeps is seen by an event that can not be read: an entity that is active does
// not notice it, one that has to wake up does.
#include <tests/framework/event_sourcing/counters.hpp>

#include <banyan/sharding/shard.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

class one_shard {
 public:
  explicit one_shard(timespan passivate_after, int max_entities = 0) {
    auto key = [](message& l) { return l.type == type_of<add>() ? l.as<add>().counter : std::string{}; };
    spec = {"counter", 1, passivate_after, max_entities, key, key, false};
    who = s.system.spawn([this] { return std::make_unique<shard>(spec, entities, journal); });
  }
  result<std::int64_t> ask(add a, const std::string& command) {
    auto l = make_message<add>(std::move(a));
    auto context = std::make_shared<message_context>();
    context->command = id_of(command);
    l->context = std::move(context);
    stepped::answer_slot<message_ptr> answer;
    s.system.ask_message(who, std::move(l), 10s, answer.slot());
    s.run();
    if (!*answer) return answer->error();
    auto held = **answer;
    if (held->kind == message_kind::failure) return held->as<error>();
    return held->as<std::int64_t>();
  }
  // Makes the entity unreadable for whoever must read it.
  void spoil(const std::string& counter) {
    append_request r;
    r.writes.push_back({"counters-" + counter, expected::any(), {{uuid_v7(s.clock.now(), s.random), "unheard_of", 1, "{}", {}}}});
    journal.append(std::move(r), [](auto appended) { (void)appended.value(); });
  }

  entity_spec entities{erase<test::counter>(), "counters", 0, 64};
  shard_spec spec;
  memory_journal journal;
  stepped s;
  address who;
};

}  // namespace

TEST_CASE("each entity of a shard has its own state") {
  one_shard shard{10s};
  CHECK(shard.ask({"a", 1}, "1").value() == 1);
  CHECK(shard.ask({"b", 5}, "2").value() == 5);
  CHECK(shard.ask({"a", 1}, "3").value() == 2);
}

TEST_CASE("a command that names no entity is refused") {
  one_shard shard{10s};
  CHECK(shard.ask({"", 1}, "1").error().code == code::invalid_argument);
}

TEST_CASE("an entity that nobody uses goes to sleep, one that is used does not") {
  one_shard shard{10s};
  shard.ask({"a", 1}, "1").value();
  shard.ask({"b", 1}, "1").value();
  for (int i = 0; i < 5; ++i) {
    shard.s.advance(4s);
    CHECK(shard.ask({"b", 1}, "1").value() == 1);
  }
  shard.spoil("a");
  shard.spoil("b");
  CHECK(shard.ask({"a", 1}, "1").error().code == code::corrupt);  // had to wake up
  CHECK(shard.ask({"b", 1}, "1").value() == 1);
}

TEST_CASE("with no time to sleep after, an entity stays active") {
  one_shard shard{0s};
  shard.ask({"a", 1}, "1").value();
  shard.s.advance(24h);
  shard.spoil("a");
  CHECK(shard.ask({"a", 1}, "1").value() == 1);
}

TEST_CASE("an entity that slept gives a repeated command its first answer, and adds no event") {
  one_shard shard{10s};
  CHECK(shard.ask({"a", 1}, "1").value() == 1);
  CHECK(shard.ask({"a", 1}, "2").value() == 2);
  shard.s.advance(1min);
  CHECK(shard.ask({"a", 1}, "1").value() == 1);
  CHECK(shard.ask({"a", 1}, "3").value() == 3);
}

TEST_CASE("beyond the limit of entities active, the least recently used sleeps") {
  one_shard shard{1h, 2};
  shard.ask({"a", 1}, "1").value();
  shard.ask({"b", 1}, "1").value();
  shard.ask({"a", 1}, "1").value();
  shard.ask({"c", 1}, "1").value();
  for (auto* name : {"a", "b", "c"}) shard.spoil(name);
  CHECK(shard.ask({"a", 1}, "1").value() == 1);
  CHECK(shard.ask({"c", 1}, "1").value() == 1);
  CHECK(shard.ask({"b", 1}, "1").error().code == code::corrupt);
}
