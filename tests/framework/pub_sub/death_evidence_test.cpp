// Who is condemned for the death of a process: those that kill it, soon; and nobody else, however often it is killed.
#include <tests/framework/pub_sub/lives_of_processes.hpp>

#include <catch2/catch.hpp>

#include <cmath>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

// Ages at which processes are killed from outside.
nanoseconds kill_age(std::uint64_t kind, seeded& random) {
  const auto unit = static_cast<double>(random.next() >> 11) * 0x1p-53;
  const auto seconds = [](double s) { return nanoseconds{static_cast<std::int64_t>(s * 1e9)}; };
  switch (kind) {
    case 0:
      return 200ms;  // always the same
    case 1:
      return 150ms + seconds(unit * 0.01);
    case 2:
      return seconds(unit);
    case 3:
      return seconds(-std::log(1 - unit) * 3);  // at random: memoryless
    case 4:
      return seconds(std::pow(10, unit * 5 - 2));  // 10 ms to 1,000 s
    default:
      return 2s + seconds(unit * 0.3);  // about when a trial begins
  }
}

}  // namespace

TEST_CASE("kills from outside, at whichever moment, condemn nobody, whatever is known of them", "[property]") {
  int condemned = 0;
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    CAPTURE(seed);
    seeded random{seed};
    std::map<position, tried_event> events;
    for (position at = 1; at <= static_cast<position>(1 + random.below(6)); ++at)
      events[at].takes = nanoseconds{static_cast<std::int64_t>(std::pow(10, static_cast<double>(random.below(600)) / 100 + 5))};  // to 100 s
    events[1].takes = 300ms;
    // What is told of a kill may be wrong, too: an operator's SIGABRT, or that of another part of the program.
    const auto told = seed % 3 == 0 ? process_end::own_fault : seed % 3 == 1 ? process_end::unknown : process_end::from_outside;
    lives_of_processes all{events, {.refusals = 8, .crashes = 3, .unconfirmed = 64, .trial = {}}, seed};
    const auto kind = random.below(6);
    for (int kill = 0; kill < 100 && all.live(kill_age(kind, random), told, told); ++kill) {
    }
    condemned += static_cast<int>(all.condemned.size());
    all.live({}, told, told);  // left alone at last, everything is done
    CHECK(all.done.size() == all.events.size());
  }
  CHECK(condemned == 0);
}

TEST_CASE("an event that ends its process is found after a bounded number of deaths, and those beside it are not", "[property]") {
  struct killer {
    nanoseconds after;
    int deaths;  // at most
  };
  for (const auto [after, most] : {killer{0ms, 8}, killer{1ms, 8}, killer{50ms, 9}, killer{2s, 11}, killer{25s, 20}})
    for (const auto own : {process_end::unknown, process_end::own_fault})
      for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        CAPTURE(seed, after.count(), own);
        std::map<position, tried_event> events{{1, {20ms, {}}}, {2, {20ms, after}}, {3, {500ms, {}}}, {4, {1ms, {}}}};
        lives_of_processes all{events, {.refusals = 8, .crashes = 3, .unconfirmed = 64, .trial = {}}, seed};
        int lives = 0;
        while (all.live({}, process_end::unknown, own)) REQUIRE(++lives < 100);
        CHECK(all.condemned == std::set<position>{2});
        CHECK(all.deaths[2] <= most);
        CHECK(all.deaths[2] >= 3);
        CHECK(all.done.size() == 4);
      }
}

TEST_CASE("each of many events that end their process is found after its own bounded number of deaths, and those beside them are not", "[property]") {
  for (const position killers : {2, 6, 64})
    for (const auto after : {nanoseconds{0ms}, nanoseconds{1ms}})
      for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed, killers, after.count());
        std::map<position, tried_event> events;
        std::set<position> deadly;
        for (position at = 1; at <= killers; ++at) {
          events[2 * at] = {20ms, after};
          deadly.insert(2 * at);
          events[2 * at + 1] = {at % 2 == 0 ? nanoseconds{500ms} : nanoseconds{1ms}, {}};
        }
        lives_of_processes all{events, {.refusals = 8, .crashes = 3, .unconfirmed = 256, .trial = {}}, seed};
        int deaths = 0;
        while (all.live({}, process_end::unknown, process_end::unknown)) REQUIRE(++deaths <= 8 * killers);
        CHECK(all.condemned == deadly);
        CHECK(all.done.size() == events.size());
      }
}

TEST_CASE("events beside deadly ones are not condemned when processes are killed from outside as well", "[property]") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    seeded random{seed};
    std::map<position, tried_event> events;
    for (position at = 1; at <= 9; ++at) {
      events[at].takes = nanoseconds{static_cast<std::int64_t>(std::pow(10, static_cast<double>(random.below(500)) / 100 + 5))};  // to 10 s
      if (at % 3 == 0) events[at].kills_after = 1ms;
    }
    lives_of_processes all{events, {.refusals = 8, .crashes = 3, .unconfirmed = 64, .trial = {}}, seed};
    const auto kind = random.below(6);
    for (int kill = 0; kill < 100 && all.live(kill_age(kind, random), process_end::unknown, process_end::unknown); ++kill) {
    }
    int lives = 0;
    while (all.live({}, process_end::unknown, process_end::unknown)) REQUIRE(++lives < 100);
    CHECK(all.condemned == std::set<position>{3, 6, 9});
    CHECK(all.done.size() == events.size());
  }
}

TEST_CASE("what is known to have come from outside is no evidence at all") {
  const trial_limits l;
  death_evidence e{{.decades = 2, .wait = 4s, .all_own_fault = false}};
  e.died({}, process_end::from_outside, l);
  e.died_waiting(process_end::from_outside, l);
  CHECK(e.get() == death_evidence::content{2, 4s, false});
}

TEST_CASE("the first death in the lane only puts an event on trial; the next ones speak by how soon after the drawn instant they came") {
  const trial_limits l;
  death_evidence e;
  CHECK_FALSE(e.needs_trial());
  e.died({}, process_end::unknown, l);
  CHECK(e.needs_trial());
  CHECK(e.get().decades == 0);
  CHECK(e.get().wait == 2s);
  auto soon = e, late = e, waiting = e;
  soon.died({}, process_end::unknown, l);
  CHECK(soon.get().decades > 0.8);
  CHECK(soon.get().wait == 4s);
  late.died(1s, process_end::unknown, l);
  CHECK(late.get().decades == 0);
  CHECK(late.get().wait > 8s);
  waiting.died_waiting(process_end::unknown, l);
  CHECK(waiting.get().decades == 0);
  soon.survived(l);
  CHECK(soon.get().decades < 0.4);
}

TEST_CASE("less is needed of deaths that were all the process's own fault, and one other death asks for all of it") {
  const trial_limits l;
  CHECK(death_evidence{{.decades = 4.5, .wait = 4s, .all_own_fault = true}}.is_proven(l));
  CHECK_FALSE(death_evidence{{.decades = 4.5, .wait = 4s, .all_own_fault = false}}.is_proven(l));
  CHECK(death_evidence{{.decades = 6, .wait = 4s, .all_own_fault = false}}.is_proven(l));
  death_evidence mixed{{.decades = 3, .wait = 4s, .all_own_fault = true}};
  mixed.died({}, process_end::unknown, l);
  CHECK_FALSE(mixed.get().all_own_fault);
}

TEST_CASE("a drawn instant lies anywhere within the wait, and marks grow by half") {
  seeded random{1};
  const death_evidence e{{.decades = 0, .wait = 8s, .all_own_fault = true}};
  nanoseconds least = 8s, most{};
  for (int i = 0; i < 1000; ++i) {
    const auto drawn = e.draw(random);
    least = std::min(least, drawn);
    most = std::max(most, drawn);
  }
  CHECK(least < 100ms);
  CHECK(most > 7900ms);
  CHECK(most < 8s);
  CHECK(death_evidence::next_mark({}) == 10ms);
  CHECK(death_evidence::next_mark(10ms) == 15ms);
  CHECK(death_evidence::next_mark(1s) > 1s);
  CHECK(death_evidence::next_mark(1s) <= 1500ms);
  CHECK(death_evidence::latest_death(10ms) == 22500us);
}

TEST_CASE("how the last process ended is read from what its supervisor says") {
  CHECK(process_end_of(nullptr) == process_end::unknown);
  CHECK(process_end_of("SIGKILL") == process_end::unknown);
  CHECK(process_end_of("exit 1") == process_end::unknown);
  for (auto* own : {"SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE"}) CHECK(process_end_of(own) == process_end::own_fault);
  for (auto* outside : {"ordered", "SIGTERM", "SIGHUP", "SIGINT"}) CHECK(process_end_of(outside) == process_end::from_outside);
}
