#include <banyan/cqrs/fresh_queries.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

using answers = std::vector<fresh_queries::released>;
const auto none_held = [](const fresh_queries::wanted&) { return false; };

}  // namespace

TEST_CASE("queries are released in order of their positions, once") {
  fresh_queries room;
  REQUIRE(room.wait(1, {.at = 30, .deadline = monotonic{5s}}));
  REQUIRE(room.wait(2, {.at = 10, .deadline = monotonic{5s}}));
  REQUIRE(room.wait(3, {.at = 20, .deadline = monotonic{5s}}));
  CHECK(room.release(9, none_held).empty());
  CHECK(room.release(20, none_held) == answers{{2, freshness::fresh}, {3, freshness::fresh}});
  CHECK(room.release(20, none_held).empty());
  CHECK(room.size() == 1);
}

TEST_CASE("a query whose stream is held is told so") {
  fresh_queries room;
  REQUIRE(room.wait(1, {.at = 10, .deadline = monotonic{5s}, .stream = "orders-1"}));
  REQUIRE(room.wait(2, {.at = 10, .deadline = monotonic{5s}, .stream = "orders-2"}));
  CHECK(room.release(10, [](const auto& w) { return w.stream == "orders-2"; }) == answers{{1, freshness::fresh}, {2, freshness::parked}});
}

TEST_CASE("a query waits no longer than its deadline") {
  fresh_queries room;
  REQUIRE(room.wait(1, {.at = 10, .deadline = monotonic{200ms}}));
  REQUIRE(room.wait(2, {.at = 10, .deadline = monotonic{100ms}}));
  CHECK(room.next_deadline() == monotonic{100ms});
  CHECK(room.expire(monotonic{99ms}).empty());
  CHECK(room.expire(monotonic{100ms}) == answers{{2, freshness::timeout}});
  CHECK(room.next_deadline() == monotonic{200ms});
  CHECK(room.expire(monotonic{1h}) == answers{{1, freshness::timeout}});
  CHECK_FALSE(room.next_deadline().has_value());
  CHECK(room.release(10, none_held).empty());
}

TEST_CASE("the room is bounded, and free again when somebody leaves") {
  fresh_queries room{2};
  REQUIRE(room.wait(1, {.at = 10, .deadline = monotonic{1s}}));
  REQUIRE(room.wait(2, {.at = 10, .deadline = monotonic{1s}}));
  const auto refused = room.wait(3, {.at = 10, .deadline = monotonic{1s}});
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == code::exhausted);
  CHECK(refused.error().retry_after == 100ms);
  CHECK(room.cancel(1));
  CHECK_FALSE(room.cancel(1));
  CHECK(room.wait(3, {.at = 5, .deadline = monotonic{1s}}).has_value());
  CHECK(room.wait(3, {.at = 6, .deadline = monotonic{1s}}).error().code == code::invalid_argument);
  CHECK(room.release(10, none_held) == answers{{3, freshness::fresh}, {2, freshness::fresh}});
  CHECK(room.size() == 0);
}
