// The limit of entities active: over all shards of a node, under load, and kept when all is quiet.
#include <tests/framework/sharding/many_shards.hpp>

#include <catch2/catch.hpp>

#include <thread>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {
std::string name(std::uint64_t n) { return "c" + std::to_string(n); }
}  // namespace

TEST_CASE("the limit counts the entities of all shards together") {
  many_shards m{16, 10};
  for (std::uint64_t n = 0; n < 100; ++n) CHECK(m.ask(add{name(n), 1}).value() == 1);
  CHECK(m.census->active() <= 10);
  CHECK(m.census->active() >= 1);
  CHECK(m.census->staying() == m.census->active());
}

TEST_CASE("below the limit nobody is asked to sleep, however the entities lie in their shards") {
  many_shards m{16, 100};
  for (std::uint64_t n = 0; n < 100; ++n) m.ask(add{name(n), 1}).value();
  CHECK(m.census->active() == 100);
}

TEST_CASE("entities that become idle together sleep in portions, and within a short time") {
  constexpr int number = 3200;
  many_shards shards{1, 0, 20s};
  for (int i = 0; i < number; ++i) shards.send(add{"c" + std::to_string(i), 1});
  shards.settle();
  CHECK(shards.census->active() == number);
  std::int64_t before = number;
  int looks = 0;
  for (; before > 0 && looks < 400; ++looks) {
    shards.s.advance(250ms);
    shards.settle();
    const auto active = shards.census->active();
    CHECK(before - active <= number / 32);
    before = active;
  }
  CHECK(before == 0);
  CHECK(looks * 250ms <= 20s + 5s + 20s);  // idle, not looked at yet, all the portions
}

TEST_CASE("an entity that is busy when it is asked to sleep sleeps as soon as it is idle") {
  many_shards m{1, 5, 1h, {.executor = memory_journal::by_hand}};
  std::vector<stepped::answer_slot<message_ptr>> answers;
  for (std::uint64_t n = 0; n < 50; ++n) answers.push_back(m.send(add{name(n), 1}));
  m.s.run();
  CHECK(m.census->active() == 50);  // all of them wait for the journal
  m.settle();
  for (auto& a : answers) CHECK(counters::value_of(a).value() == 1);
  CHECK(m.census->active() == 5);
}

TEST_CASE("an entity that is needed again after it was asked to sleep stays, and another one is asked in its place") {
  many_shards m{1, 2, 1h, {.executor = memory_journal::by_hand}};
  for (auto* n : {"a", "b", "c"}) m.send(add{n, 1});  // a is asked
  m.s.run();
  m.send(add{"a", 1});  // a stays, b is asked
  m.settle();
  CHECK(m.census->active() == 2);
  m.s.advance(1ms);
  CHECK(m.ask(add{"a", 1}).value() == 3);
  CHECK(m.census->active() == 2);
}

TEST_CASE("an entity that crashes after it was asked to sleep is asked again") {
  many_shards m{1, 1, 0s, {.executor = memory_journal::by_hand}};
  m.ask(add{"a", 1}).value();
  m.ask(add{"b", 1}).value();
  const auto crashes = m.s.system.counters().crashes;
  auto a = m.send(add{"a", 1});
  auto b = m.send(add{"b", 1});  // a is asked, and is busy
  m.s.run();
  m.journal.lose_queued();  // a can not be loaded and crashes, b does not know what was stored
  m.s.advance(1min);        // a runs again
  m.settle();
  CHECK(m.s.system.counters().crashes == crashes + 1);
  CHECK_FALSE(counters::value_of(a));
  CHECK_FALSE(counters::value_of(b));
  CHECK(m.census->active() == 1);
  CHECK(m.census->staying() == 1);
}

TEST_CASE("the limit is kept when all is quiet, whatever the order in which the journal answers and the shards run") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    INFO("seed " << seed);
    counting_random random{seed};
    const auto limit = static_cast<int>(1 + random.below(12));
    many_shards m{static_cast<int>(1 + random.below(6)), limit, random.below(2) == 0 ? timespan{0s} : timespan{1h},
                  {.executor = memory_journal::by_hand, .answers = &random}};
    std::map<std::string, std::int64_t> added;
    for (int i = 0; i < 300; ++i) {
      switch (random.below(6)) {
        case 0: m.journal.step(); break;
        case 1: for (auto n = random.below(30); n > 0 && m.s.step(random); --n) {} break;
        case 2: if (random.below(10) == 0) m.s.advance(1s); break;
        default: {
          const auto n = random.below(random.below(2) == 0 ? 5 : 80);
          m.send(add{name(n), 1});
          ++added[name(n)];
        }
      }
    }
    m.settle();
    REQUIRE(m.census->active() <= limit);
    REQUIRE(m.census->staying() == m.census->active());
    for (auto& [counter, n] : added) REQUIRE(m.ask(add{counter, 1}).value() == n + 1);
    REQUIRE(m.census->active() <= limit);
  }
}

TEST_CASE("eight threads at once pass the limit by what is busy, and it is kept when they have finished") {
  constexpr int limit = 10, threads = 8, each = 1500;
  entity_spec entities{erase<test::counter>(), "counters", 0, 64};
  shard_spec spec{"counter", 4, 1h, limit, counter_of, counter_of, false};
  auto census = std::make_shared<entity_census>();
  memory_journal journal;
  std::atomic<int> answered{0}, wrong{0};
  {
    actor_system system{actor_system_options{.threads = 8}};
    std::vector<address> shards;
    for (int i = 0; i < spec.shards; ++i)
      shards.push_back(system.spawn([&] { return std::make_unique<shard>(spec, entities, journal, command_meters{}, census); }));
    std::vector<std::thread> clients;
    for (int t = 0; t < threads; ++t)
      clients.emplace_back([&, t] {
        for (int i = 0; i < each; ++i) {
          const auto counter = name(static_cast<std::uint64_t>((i * 7 + t * 131) % 500));
          const auto to = shards[shard_of(counter, static_cast<std::uint32_t>(shards.size()))];
          system.ask_message(to, make_message<add>(add{counter, 1}), 1min, [&](result<message_ptr> r) {
            if (!r || (*r)->kind == message_kind::failure) ++wrong;
            ++answered;
          });
        }
      });
    for (auto& c : clients) c.join();
    const auto until = std::chrono::steady_clock::now() + 60s;
    const auto is_quiet = [&] { return answered == threads * each && census->active() <= limit; };
    while (!is_quiet() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    CHECK(answered == threads * each);
    CHECK(wrong == 0);
    CHECK(census->active() <= limit);
    CHECK(census->staying() == census->active());
    CHECK(system.shutdown());
  }
  CHECK(census->active() == 0);
}
