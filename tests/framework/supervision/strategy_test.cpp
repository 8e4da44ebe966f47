// Where a script has an equal in Erlang/OTP, the outcome is OTP's; otp/ plays a hundred more.
#include <tests/framework/supervision/strategy_script.hpp>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

TEST_CASE("children start in order, each when the one before is up", "[strategy]") {
  script{otp(restart::one_for_one), "a b c"}.play(R"(
    begin => start a
    up a => start b
    up b => start c
    up c => up)");
}

TEST_CASE("a supervisor without children is up at once", "[strategy]") {
  script{otp(restart::one_for_one), ""}.play("begin => up\n stop => down");
}

TEST_CASE("one_for_one restarts the failed child alone", "[strategy]") {
  script{otp(restart::one_for_one), "a b c"}.play(R"(
    boot => start a start b start c up
    fails b => start b
    up b =>)");
}

TEST_CASE("one_for_all suspends the others in reverse order and starts all in order", "[strategy]") {
  script{otp(restart::one_for_all), "a b c d"}.play(R"(
    boot => start a start b start c start d up
    fails b => suspend d
    ended d => suspend c
    ended c => suspend a
    ended a => start a
    up a => start b
    up b => start c
    up c => start d
    up d =>)");
}

TEST_CASE("rest_for_one takes along those that were started later", "[strategy]") {
  script{otp(restart::rest_for_one), "a b c d"}.play(R"(
    boot => start a start b start c start d up
    fails b => suspend d
    ended d => suspend c
    ended c => start b
    up b => start c
    up c => start d
    up d =>
    fails d => start d
    up d =>
    fails a => suspend d)");
}

TEST_CASE("a permanent child comes back also when it stopped by itself", "[strategy]") {
  script{otp(restart::one_for_one), "a"}.play("boot => start a up\n quits a => start a");
}

TEST_CASE("a transient child comes back only when it failed", "[strategy]") {
  script{otp(restart::one_for_one), "a:transient"}.play(R"(
    boot => start a up
    fails a => start a
    up a =>
    quits a => drop a)");
}

TEST_CASE("a temporary child never comes back", "[strategy]") {
  script{otp(restart::one_for_one), "a:temporary b:temporary"}.play(R"(
    boot => start a start b up
    fails a => drop a
    quits b => drop b)");
}

TEST_CASE("an end that does not bring a child back takes nobody along", "[strategy]") {
  script{otp(restart::one_for_all), "a b:transient c:temporary"}.play(R"(
    boot => start a start b start c up
    quits b => drop b
    fails c => drop c)");
}

TEST_CASE("a temporary sibling hit by one_for_all is suspended and not started again", "[strategy]") {
  script{otp(restart::one_for_all), "a b:temporary c"}.play(R"(
    boot => start a start b start c up
    fails a => suspend c
    ended c => suspend b
    ended b => drop b start a
    up a => start c
    up c =>
    fails c => suspend a
    ended a => start a)");
}

TEST_CASE("a transient child that had stopped is started again when all are", "[strategy]") {
  script{otp(restart::one_for_all), "a b:transient"}.play(R"(
    boot => start a start b up
    quits b => drop b
    fails a => start a
    up a => start b)");
}

TEST_CASE("OTP mode: the sixth restart in ten seconds is one too many", "[strategy]") {
  script{otp(restart::one_for_one), "a b"}.play(R"(
    boot => start a start b up
    fails a => start a
    up a =>
    fails b => start b
    up b =>
    fails a => start a
    up a =>
    fails a => start a
    up a =>
    fails b => start b
    up b =>
    fails a => suspend b
    ended b => escalate)");
}

TEST_CASE("escalation suspends the rest in reverse order, then says so, and nothing comes after", "[strategy]") {
  script{otp(restart::one_for_one, intensity{.restarts = 1, .within = 5s}), "a b c"}.play(R"(
    boot => start a start b start c up
    fails a => start a
    up a =>
    fails b => suspend c
    fails a =>
    ended c => escalate
    fails c =>
    stop =>)");
}

TEST_CASE("restarts outside of the window are forgotten; one at its edge counts", "[strategy]") {
  script{otp(restart::one_for_one, intensity{.restarts = 1, .within = 5s}), "a"}.play(R"(
    boot => start a up
    fails a => start a
    up a =>
    pass 5001 =>
    fails a => start a
    up a =>
    pass 5000 =>
    fails a => escalate)");
}

TEST_CASE("an intensity of zero escalates at the first failure", "[strategy]") {
  script{otp(restart::one_for_one, intensity{.restarts = 0, .within = 5s}), "a b"}.play(R"(
    boot => start a start b up
    fails a => suspend b
    ended b => escalate)");
}

TEST_CASE("ends that bring nobody back do not count", "[strategy]") {
  script{otp(restart::one_for_one, intensity{.restarts = 0, .within = 5s}), "a:temporary b:transient c"}.play(R"(
    boot => start a start b start c up
    fails a => drop a
    quits b => drop b)");
}

TEST_CASE("OTP mode: a child that can not start at first ends the supervisor, the started ones first", "[strategy]") {
  script{otp(restart::one_for_one), "a b c"}.play(R"(
    begin => start a
    up a => start b
    fails b => suspend a
    ended a => escalate)");
}

TEST_CASE("OTP mode: a child that fails to start in a restart is tried again, and every try counts", "[strategy]") {
  script{otp(restart::one_for_one, intensity{.restarts = 3, .within = 5s}), "a b"}.play(R"(
    boot => start a start b up
    fails a => start a
    fails a => start a
    fails a => start a
    fails a => suspend b
    ended b => escalate)");
}

TEST_CASE("one_for_all: a child that fails to start again makes all start again", "[strategy]") {
  script{otp(restart::one_for_all), "a b c"}.play(R"(
    boot => start a start b start c up
    fails c => suspend b
    ended b => suspend a
    ended a => start a
    up a => start b
    fails b => suspend a
    ended a => start a
    up a => start b
    up b => start c
    up c =>)");
}

TEST_CASE("rest_for_one: a child that fails to start again is begun from, not the first one that fell", "[strategy]") {
  script{otp(restart::rest_for_one), "a b c d"}.play(R"(
    boot => start a start b start c start d up
    fails b => suspend d
    ended d => suspend c
    ended c => start b
    up b => start c
    fails c => start c
    up c => start d
    up d =>)");
}

TEST_CASE("a sibling that fails while a restart takes it along has no turn of its own", "[strategy]") {
  script{otp(restart::one_for_all, intensity{.restarts = 1, .within = 5s}), "a b c"}.play(R"(
    boot => start a start b start c up
    fails c => suspend b
    fails a =>
    ended b => start a
    up a => start b
    up b => start c
    up c =>)");
}

TEST_CASE("a child that fails while it is being suspended ends as ordered", "[strategy]") {
  script{otp(restart::one_for_all, intensity{.restarts = 1, .within = 5s}), "a b"}.play(R"(
    boot => start a start b up
    fails a => suspend b
    fails b =>
    ended b => start a
    up a => start b
    up b =>)");
}

TEST_CASE("what fails during somebody else's restart waits for its turn", "[strategy]") {
  script{otp(restart::rest_for_one), "a b c d"}.play(R"(
    boot => start a start b start c start d up
    fails c => suspend d
    fails b =>
    ended d => start c
    up c => start d
    up d => suspend d
    ended d => suspend c
    ended c => start b)");
}

TEST_CASE("a temporary child that falls while all restart is gone", "[strategy]") {
  script{otp(restart::one_for_all), "a b:temporary c"}.play(R"(
    boot => start a start b start c up
    fails a => suspend c
    fails b => drop b
    ended c => start a
    up a => start c
    up c =>)");
}

TEST_CASE("names, times and counts are checked before anything starts", "[strategy]") {
  CHECK(check({}, children_of("a b c")).empty());
  supervision_policy bad;
  bad.backoff = backoff_policy{.first = -1s, .min = 2s, .max = 1s, .jitter = 1.5};
  bad.limit = intensity{.restarts = -1, .within = 0s};
  auto wrong = check(bad, {{.name = "a"}, {.name = "a"}, {}, {.name = "b", .shutdown = -1s}});
  CHECK(wrong.size() == 8);

  supervision_policy when_done{.auto_shutdown = auto_shutdown::any_significant};
  const child_policy significant{.name = "a", .type = restart_type::transient, .significant = true};
  CHECK(check(when_done, {significant}).empty());
  CHECK(check({}, {significant}).size() == 1);
  CHECK(check(when_done, {{.name = "a", .significant = true}}).size() == 1);
}

TEST_CASE("what falls first is started again first", "[strategy]") {
  script{patient(restart::one_for_one), "a b c"}.play(R"(
    boot => start a start b start c up
    fails a => start a
    fails c =>
    fails b =>
    up a => start c
    up c => start b
    up b =>)");
}

TEST_CASE("one that ends before it was up has failed, whatever reason it gives", "[strategy]") {
  script{otp(restart::rest_for_one), "a b:transient c"}.play(R"(
    boot => start a start b start c up
    fails a => suspend c
    ended c => suspend b
    ended b => start a
    up a => start b
    quits b => start b
    up b => start c
    up c =>)");
}
