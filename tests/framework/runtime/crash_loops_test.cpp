// A part that crashes again and again is a line of its own, with the cause, until it has kept quiet for a minute.
#include <banyan/runtime/crash_loops.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace std::chrono_literals;

TEST_CASE("three crashes within a minute are a loop, told with the last cause, and forgotten a minute later") {
  crash_loops loops;
  const monotonic start{1h};
  loops.crashed("orders: subscribes.x", "unavailable: first", start);
  loops.crashed("orders: subscribes.x", "unavailable: second", start + 10s);
  loops.crashed("orders: shard.1", "internal: once", start + 10s);
  CHECK(loops.lines(start + 10s).empty());
  loops.crashed("orders: subscribes.x", "corrupt: third", start + 30s);
  const auto lines = loops.lines(start + 30s);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].name == "part orders: subscribes.x");
  CHECK(lines[0].state == health_state::degraded);
  CHECK(lines[0].sentence == "crashed 3 times within the last minute, last: corrupt: third");
  CHECK(loops.lines(start + 61s).empty());
}

TEST_CASE("crashes that are minutes apart are no loop") {
  crash_loops loops;
  for (int i = 0; i < 10; ++i) {
    loops.crashed("p", "c", monotonic{i * 40s});
    CHECK(loops.lines(monotonic{i * 40s}).empty());
  }
}
