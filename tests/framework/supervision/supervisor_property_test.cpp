// What a message may rely on while everything around it crashes: message_storm.hpp says what, and makes it happen.
#include <tests/framework/supervision/message_storm.hpp>

#include <cstdlib>

using namespace banyan;
using namespace banyan::test;
using namespace banyan::test::message_storm;

namespace {

// Actors that take their time to end need it to pass.
struct ends_in_its_time {
  storm& w;
  stepped& s;
  ~ends_in_its_time() {
    stop_actor(w.root);
    s.advance(10min);
  }
};

int seeds(int usual) {
  auto* given = std::getenv("BANYAN_SEEDS");
  return given ? std::max(1, std::atoi(given)) : usual;
}

}  // namespace

TEST_CASE("under random crashes no message is lost, none is handled twice, order is kept, every request is answered once",
          "[supervisor][property]") {
  int done = 0, unknown = 0, not_applied = 0;
  std::uint64_t crashes = 0;
  for (int seed = 1; seed <= seeds(200); ++seed) {
    INFO("seed " << seed);
    stepped s;
    s.random = counting_random{static_cast<std::uint64_t>(seed)};
    storm w{s.system, static_cast<std::uint64_t>(seed)};
    const ends_in_its_time at_last{w, s};
    for (int i = 0; i < 600; ++i) {
      w.something_happens();
      for (auto n = w.random.below(12); n > 0 && s.step(w.random); --n) {
      }
      if (w.random.below(10) == 0) s.advance(nanoseconds{w.random.below(10'000'000)});
    }
    s.advance(10min);
    for (auto& who : w.senders) REQUIRE(s.ask(who, await_answers{}).is_there());
    REQUIRE(w.answered == w.asked);
    w.seen.check(w.may_refuse);
    auto up = s.ask(w.root, await_children{}, 10s);
    s.advance(10s);
    REQUIRE(up.is_there());
    REQUIRE(up->has_value());
    done += w.seen.done_;
    unknown += w.seen.unknown_;
    not_applied += w.seen.not_applied_;
    crashes += s.system.counters().crashes;
  }
  CHECK(done > 10 * seeds(200));  // all three happen, often
  CHECK(unknown > 10 * seeds(200));
  CHECK(not_applied > 10 * seeds(200));
  CHECK(crashes > 10u * seeds(200));
}

TEST_CASE("the same on many threads", "[supervisor][property]") {
  for (int seed = 1; seed <= seeds(20); ++seed) {
    INFO("seed " << seed);
    actor_system system{{.threads = 4}};
    storm w{system, static_cast<std::uint64_t>(seed)};
    REQUIRE(system.ask_and_wait(w.root, await_children{}, 10s));
    for (int i = 0; i < 600; ++i) {
      w.something_happens();
      if (w.random.below(20) == 0) REQUIRE(system.ask_and_wait(w.root, list_children{}, 10s));  // not all at once
    }
    for (auto& who : w.senders) REQUIRE(system.ask_and_wait(who, await_answers{}, 30s));
    // One way: what was sent before this question is begun before it, or never.
    for (auto& who : w.known)
      for (auto& from : w.senders) system.send(from, errand{who, crash_plan::well, true, false});
    for (auto& who : w.senders) REQUIRE(system.ask_and_wait(who, await_answers{}, 30s));
    REQUIRE(system.ask_and_wait(w.root, await_children{}, 10s));
    REQUIRE(system.shutdown());
    REQUIRE(w.answered == w.asked);
    w.seen.check(w.may_refuse);
  }
}
