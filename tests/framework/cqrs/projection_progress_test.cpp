#include <banyan/cqrs/projection_progress.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

using indexes = std::vector<std::size_t>;
using answers = std::vector<fresh_queries::released>;
using next = projection_progress::next;

const error wrong{code::corrupt, "does not decode"};
monotonic at(std::chrono::milliseconds t) { return monotonic{t}; }

uuid life(std::uint8_t n = 1) {
  uuid id;
  id.bytes[0] = n;
  return id;
}
position_token token(position p, std::uint8_t n = 1) { return {{{0, {p, life(n)}}}}; }

recorded_event event(position p, std::string stream, version v = 1, std::string type = "orders.placed") {
  recorded_event e;
  e.position = p;
  e.stream = std::move(stream);
  e.version = v;
  e.type = std::move(type);
  return e;
}
bool concerns(const recorded_event& e) { return e.type == "orders.placed"; }

projection_progress from(position checkpoint, std::vector<blocked_event> held = {}, projection_progress::limits l = {}) {
  return {{.history = journal_history{life()}, .checkpoint = checkpoint, .held = std::move(held)}, concerns, l};
}

// Makes the event's stream parked, as three failures do.
void park(projection_progress& p, const recorded_event& e) {
  CHECK(p.failed(e, wrong) == next::retry);
  CHECK(p.failed(e, wrong) == next::retry);
  CHECK(p.failed(e, wrong) == next::parked);
}

}  // namespace

TEST_CASE("events after the checkpoint are applied, and the checkpoint is that of the last one read") {
  struct row {
    std::string what;
    position checkpoint, read_after;
    std::vector<recorded_event> batch;
    indexes apply;
    position stored;
  };
  for (const auto& r : std::vector<row>{
           {"nothing", 7, 7, {}, {}, 7},
           {"all new", 0, 0, {event(1, "a"), event(2, "b")}, {0, 1}, 2},
           {"positions with holes", 2, 2, {event(5, "a"), event(9, "b")}, {0, 1}, 9},
           {"an overlap with what was applied", 5, 3, {event(4, "a"), event(5, "b"), event(6, "c")}, {2}, 6},
           {"all applied before", 9, 3, {event(4, "a"), event(5, "b")}, {}, 9},
           {"types that do not matter", 0, 0, {event(1, "a", 1, "other"), event(2, "b"), event(3, "a", 2, "other")}, {1}, 3},
           {"only such types", 0, 0, {event(4, "a", 1, "other")}, {}, 4},
       }) {
    CAPTURE(r.what);
    const auto progress = from(r.checkpoint);
    const auto plan = progress.plan(r.read_after, r.batch).value();
    CHECK(plan.apply == r.apply);
    CHECK(plan.checkpoint == r.stored);
    CHECK(plan.hold.empty());
    CHECK_FALSE(plan.stalled);
    CHECK(progress.checkpoint() == r.checkpoint);
  }
}

TEST_CASE("a batch that begins beyond the checkpoint is refused, as events would be missed") {
  const auto progress = from(5);
  const auto refused = progress.plan(6, std::vector{event(7, "a")});
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == code::conflict);
  CHECK(refused.error().reason == "gap");
}

TEST_CASE("a batch whose positions do not rise is corrupt") {
  const auto progress = from(0);
  CHECK(progress.plan(0, std::vector{event(2, "a"), event(2, "b")}).error().code == code::corrupt);
  CHECK(progress.plan(0, std::vector{event(2, "a"), event(1, "b")}).error().code == code::corrupt);
  CHECK(from(9).plan(5, std::vector{event(5, "a")}).error().code == code::corrupt);
}

TEST_CASE("an event that fails three times parks its stream and no other") {
  auto progress = from(0);
  const std::vector batch{event(1, "a", 1), event(2, "b", 1), event(3, "a", 2), event(4, "b", 2)};
  park(progress, batch[0]);
  const auto plan = progress.plan(0, batch).value();
  CHECK(plan.apply == indexes{1, 3});
  CHECK(plan.checkpoint == 4);
  REQUIRE(plan.hold.size() == 2);
  CHECK(plan.hold[0] == blocked_event{1, 1, "a", "corrupt: does not decode"});
  CHECK(plan.hold[1] == blocked_event{3, 2, "a", ""});
  progress.committed(plan);
  CHECK(progress.is_parked("a"));
  CHECK_FALSE(progress.is_parked("b"));
  CHECK(progress.parked() == std::vector<blocked_event>{plan.hold[0]});

  const auto later = progress.plan(4, std::vector{event(5, "a", 3), event(6, "c", 1)}).value();
  CHECK(later.apply == indexes{1});
  CHECK(later.hold.size() == 1);
}

TEST_CASE("events before the failing one in the same batch are applied") {
  auto progress = from(0);
  const std::vector batch{event(1, "a", 1), event(2, "a", 2), event(3, "a", 3)};
  park(progress, batch[1]);
  const auto plan = progress.plan(0, batch).value();
  CHECK(plan.apply == indexes{0});
  CHECK(plan.hold.size() == 2);
}

TEST_CASE("failures of the surroundings never park, and attempts are counted per event") {
  auto progress = from(0);
  const auto a = event(1, "a"), b = event(2, "b");
  for (int i = 0; i < 10; ++i) {
    CHECK(progress.failed(a, error{code::exhausted, "disk full"}) == next::retry);
    CHECK(progress.failed(a, error{code::unavailable, "closed"}) == next::retry);
  }
  CHECK(progress.failed(a, wrong) == next::retry);
  CHECK(progress.failed(a, wrong) == next::retry);
  CHECK(progress.failed(b, wrong) == next::retry);
  CHECK(progress.failed(a, error{code::deadline_exceeded, "too slow"}) == next::retry);
}

TEST_CASE("what is held survives a restart") {
  auto progress = from(4, {{1, 1, "a", "why"}, {3, 2, "a", ""}});
  CHECK(progress.is_parked("a"));
  CHECK(progress.held() == 2);
  const auto plan = progress.plan(4, std::vector{event(5, "a", 3), event(6, "b", 1)}).value();
  CHECK(plan.apply == indexes{1});
  CHECK(plan.hold == std::vector<blocked_event>{{5, 3, "a", ""}});
}

TEST_CASE("a parked stream is replayed in order and is free again") {
  auto progress = from(9, {{1, 1, "a", "why"}, {3, 2, "a", ""}, {7, 4, "a", ""}, {5, 1, "b", "why"}});
  const std::vector replay{event(1, "a", 1), event(3, "a", 2), event(4, "a", 3, "other"), event(7, "a", 4)};
  const auto plan = progress.plan_replay("a", replay).value();
  CHECK(plan.apply == indexes{0, 1, 3});
  CHECK(plan.unhold == std::vector<position>{1, 3, 7});
  CHECK(plan.checkpoint == 9);
  progress.committed(plan);
  CHECK_FALSE(progress.is_parked("a"));
  CHECK(progress.is_parked("b"));
  CHECK(progress.plan(9, std::vector{event(10, "a", 5)}).value().apply == indexes{0});
}

TEST_CASE("a stream that is replayed in part stays parked for the rest") {
  auto progress = from(9, {{1, 1, "a", "why"}, {3, 2, "a", ""}});
  const auto plan = progress.plan_replay("a", std::vector{event(1, "a", 1)}).value();
  progress.committed(plan);
  CHECK(progress.is_parked("a"));
  CHECK(progress.held() == 1);
  CHECK(progress.plan(9, std::vector{event(10, "a", 3)}).value().apply.empty());
}

TEST_CASE("a replay that would leave something out is refused") {
  auto progress = from(9, {{3, 2, "a", "why"}, {5, 3, "a", ""}});
  CHECK(progress.plan_replay("b", {}).error().code == code::not_found);
  CHECK(progress.plan_replay("a", std::vector{event(5, "a", 3)}).error().code == code::conflict);
  CHECK(progress.plan_replay("a", std::vector{event(3, "b", 2)}).error().code == code::conflict);
  CHECK(progress.plan_replay("a", std::vector{event(3, "a", 2), event(3, "a", 2)}).error().code == code::corrupt);
  CHECK(progress.plan_replay("a", {}).value().apply.empty());
}

TEST_CASE("an event that fails in its replay stays parked") {
  auto progress = from(9, {{3, 2, "a", "why"}});
  CHECK(progress.failed(event(3, "a", 2), wrong) == next::parked);
  CHECK(progress.is_parked("a"));
}

TEST_CASE("when no more may be held the projection stalls before the event and forgets nothing") {
  auto progress = from(4, {{1, 1, "a", "why"}, {3, 2, "a", ""}}, {.held = 3});
  const std::vector batch{event(5, "b"), event(6, "a", 3), event(7, "b"), event(8, "a", 4), event(9, "b")};
  auto plan = progress.plan(4, batch).value();
  CHECK(plan.apply == indexes{0, 2});
  CHECK(plan.hold.size() == 1);
  CHECK(plan.checkpoint == 7);
  CHECK(plan.stalled);
  progress.committed(plan);
  plan = progress.plan(7, std::vector{event(8, "a", 4), event(9, "b")}).value();
  CHECK(plan.stalled);
  CHECK(plan.apply.empty());
  CHECK(plan.checkpoint == 7);
}

TEST_CASE("a query is answered at once when the view is far enough, its time is up, or its event is held") {
  auto progress = from(10, {{4, 2, "a", "why"}, {8, 3, "a", ""}});
  struct row {
    position wanted;
    std::string stream;
    monotonic deadline;
    std::optional<freshness> answer;
  };
  fresh_queries::ticket ticket = 0;
  for (const auto& r : std::vector<row>{
           {10, "", at(9s), freshness::fresh},
           {10, "", at(0s), freshness::fresh},
           {11, "", at(1s), freshness::timeout},
           {11, "", at(9s), {}},
           {8, "", at(9s), freshness::parked},
           {7, "", at(9s), freshness::fresh},
           {3, "a", at(9s), freshness::fresh},
           {7, "a", at(9s), freshness::parked},
           {11, "a", at(9s), freshness::parked},
           {11, "b", at(9s), {}},
       }) {
    CAPTURE(r.wanted, r.stream);
    CHECK(progress.wait(++ticket, token(r.wanted), at(1s), r.deadline, r.stream).value() == r.answer);
  }
  CHECK(progress.wait(99, {}, at(1s), at(9s)).value() == freshness::fresh);
  CHECK(progress.waiting() == 2);
}

TEST_CASE("a token of another history or of an unknown partition is refused") {
  auto progress = from(10);
  CHECK(progress.wait(1, token(1, 2), at(0s), at(1s)).error().reason == "another_history");
  CHECK(progress.wait(1, {{{0, {1, life()}}, {3, {1, life()}}}}, at(0s), at(1s)).error().code == code::invalid_argument);
  CHECK(progress.waiting() == 0);
}

TEST_CASE("a commit releases the queries that it satisfies") {
  auto progress = from(0);
  const std::vector batch{event(1, "a", 1), event(2, "b", 1), event(3, "c", 1)};
  for (position p = 1; p <= 4; ++p) {
    CHECK_FALSE(progress.wait(static_cast<fresh_queries::ticket>(p), token(p), at(0s), at(static_cast<int>(p) * 1s)).value().has_value());
  }
  park(progress, batch[1]);
  CHECK(progress.committed(progress.plan(0, batch).value()) ==
        answers{{1, freshness::fresh}, {2, freshness::parked}, {3, freshness::fresh}});
  CHECK(progress.next_deadline() == at(4s));
  CHECK(progress.expire(at(4s)) == answers{{4, freshness::timeout}});
  CHECK(progress.token() == token(3));
}

TEST_CASE("waiting queries are bounded") {
  auto progress = from(0, {}, {.waiting = 1});
  CHECK(progress.wait(1, token(1), at(0s), at(1s)).has_value());
  CHECK(progress.wait(2, token(1), at(0s), at(1s)).error().code == code::exhausted);
  CHECK(progress.cancel(1));
  CHECK(progress.wait(2, token(1), at(0s), at(1s)).has_value());
}

TEST_CASE("an event that the journal has lost parks its stream at the next one, and other streams go on") {
  auto progress = from(0);
  const std::vector batch{event(1, "a", 1), event(2, "b", 1), event(4, "a", 3), event(5, "b", 2), event(6, "a", 4)};
  const auto plan = progress.plan(0, batch).value();
  CHECK(plan.apply == indexes{0, 1, 3});
  CHECK(plan.hold ==
        std::vector<blocked_event>{{4, 3, "a", "corrupt: an event is missing (stream a, version 2, before position 4)"}, {6, 4, "a", ""}});
  progress.committed(plan);
  const auto replay = progress.plan_replay("a", std::vector{event(4, "a", 3), event(6, "a", 4)});
  REQUIRE(replay.has_error());
  CHECK(replay.error().code == code::corrupt);
  CHECK(replay.error().message.find("built anew") != std::string::npos);
}

TEST_CASE("a lost event is missed between two batches, behind events that are passed over, and at the beginning of a stream") {
  auto progress = from(0);
  progress.committed(progress.plan(0, std::vector{event(1, "a", 1)}).value());
  SECTION("between two batches") { CHECK(progress.plan(1, std::vector{event(3, "a", 3)}).value().hold.size() == 1); }
  SECTION("the first to notice is not folded") {
    const auto plan = progress.plan(1, std::vector{event(3, "a", 3, "other"), event(4, "a", 4)}).value();
    CHECK(plan.hold.size() == 1);
    CHECK(plan.hold.front().position == 4);
  }
  SECTION("the first of a stream") { CHECK(progress.plan(1, std::vector{event(3, "b", 2)}).value().hold.size() == 1); }
}

TEST_CASE("a view that goes on from its checkpoint takes each stream as it finds it") {
  const auto progress = from(7);
  const auto plan = progress.plan(7, std::vector{event(8, "a", 12), event(9, "a", 13), event(11, "a", 15)}).value();
  CHECK(plan.apply == indexes{0, 1});
  CHECK(plan.hold.size() == 1);
}

TEST_CASE("a replay does not pass over an event that is missing") {
  const auto progress = from(9, {{3, 2, "a", "corrupt: does not decode"}, {7, 4, "a", ""}});
  const auto replay = progress.plan_replay("a", std::vector{event(3, "a", 2), event(7, "a", 4)});
  REQUIRE(replay.has_error());
  CHECK(replay.error().message == "an event is missing (stream a, version 3, before position 7)");
}
