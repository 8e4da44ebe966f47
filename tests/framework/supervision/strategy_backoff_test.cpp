#include <tests/framework/supervision/strategy_script.hpp>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

TEST_CASE("back-off: at once, then 50 ms and doubling, each child on its own", "[strategy]") {
  script{patient(restart::one_for_one), "a b"}.play(R"(
    boot => start a start b up
    fails a => start a
    up a =>
    fails a => wait 1 50ms
    fails b => start b
    up b =>
    pass 50 =>
    waited 1 => start a
    fails a => wait 2 100ms
    pass 100 =>
    waited 2 => start a
    up a =>
    fails b => wait 3 50ms)");
}

TEST_CASE("back-off starts over after a quiet time", "[strategy]") {
  script{patient(restart::one_for_one), "a"}.play(R"(
    boot => start a up
    fails a => start a
    fails a => wait 1 50ms
    pass 50 =>
    waited 1 => start a
    up a =>
    pass 10000 =>
    fails a => start a)");
}

TEST_CASE("with back-off a child may fail for ever", "[strategy]") {
  strategy s{patient(restart::one_for_one), children_of("a")};
  middle random;
  monotonic now{1h};
  (void)s.begin({}, {now, random});
  for (int i = 0; i < 10'000; ++i) {
    auto todo = s.exited(0, exit_reason::failed, {now, random});
    REQUIRE(todo.size() == 1);
    if (todo[0].kind == child_action::wait) {
      CHECK(todo[0].time <= 10s);
      now += todo[0].time;
      todo = s.wait_over(todo[0].child, {now, random});
      REQUIRE(todo.size() == 1);
    }
    REQUIRE(todo[0] == child_action{child_action::start, 0});
  }
}

TEST_CASE("with back-off, the first start waits for the child that can not start, and the later ones wait for it", "[strategy]") {
  script{patient(restart::one_for_all), "a b c:temporary"}.play(R"(
    begin => start a
    up a => start b
    fails b => start b
    fails b => wait 1 50ms
    waited 1 => start b
    up b => start c
    up c => up)");
}

TEST_CASE("back-off with an intensity gives up all the same", "[strategy]") {
  supervision_policy p = patient(restart::one_for_one);
  p.limit = intensity{.restarts = 1, .within = 1min};
  script{p, "a b"}.play(R"(
    boot => start a start b up
    fails a => start a
    fails a => suspend b
    ended b => escalate)");
}

TEST_CASE("during a group's wait the failure of one outside of it takes the group over", "[strategy]") {
  script{patient(restart::rest_for_one), "a b c"}.play(R"(
    boot => start a start b start c up
    fails b => suspend c
    ended c => start b
    up b => start c
    up c =>
    fails b => suspend c
    ended c => wait 1 50ms
    fails a => start a
    up a => start b
    up b => start c
    up c =>
    waited 1 =>)");
}

TEST_CASE("a first start that is overtaken still ends in `up`", "[strategy]") {
  script{patient(restart::one_for_all), "a b c:temporary"}.play(R"(
    begin => start a
    up a => start b
    fails b => start b
    fails b => wait 1 50ms
    fails a => start a
    up a => start b
    up b => start c
    up c => up
    waited 1 =>)");
}
