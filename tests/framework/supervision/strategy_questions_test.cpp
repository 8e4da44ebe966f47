#include <tests/framework/supervision/strategy_script.hpp>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

TEST_CASE("who asks waits for what is being done, and is answered when it is done", "[strategy]") {
  script{otp(restart::one_for_all), "a b"}.play(R"(
    boot => start a start b up
    fails a => suspend b
    terminate b =>
    restart b =>
    remove b =>
    ended b => start a
    up a => start b
    up b => stop b
    ended b => answer 1 done start b
    up b => answer 2 done answer 3 running)");
}

TEST_CASE("during a back-off a child can be given up, and then started or forgotten at once", "[strategy]") {
  script{patient(restart::one_for_one), "a b"}.play(R"(
    boot => start a start b up
    fails a => start a
    fails a => wait 1 50ms
    restart a => answer 1 restarting
    remove a => answer 2 restarting
    add a => answer 3 down
    terminate a => drop a answer 4 done
    waited 1 =>
    restart a => start a
    up a => answer 5 done
    fails a => wait 2 100ms
    terminate a => drop a answer 6 done
    remove a => drop a answer 7 done
    waited 2 =>
    terminate a => answer 8 unknown)");
}

TEST_CASE("one that is given up in the first start holds nobody up any more", "[strategy]") {
  script{patient(restart::one_for_one), "a b c"}.play(R"(
    begin => start a
    up a => start b
    fails b => start b
    fails b => wait 1 50ms
    terminate b => drop b answer 1 done start c
    up c => up
    waited 1 =>)");
}

TEST_CASE("a child that is started by hand while its group waits is started again with the group", "[strategy]") {
  script{patient(restart::rest_for_one), "a b c"}.play(R"(
    boot => start a start b start c up
    fails b => suspend c
    ended c => start b
    fails b => wait 1 50ms
    restart c => start c
    up c => answer 1 done
    waited 1 => suspend c
    ended c => start b
    up b => start c
    up c =>)");
}

TEST_CASE("several that are started by hand while their group waits end last one first", "[strategy]") {
  script{patient(restart::rest_for_one), "a b c d"}.play(R"(
    boot => start a start b start c start d up
    fails b => suspend d
    ended d => suspend c
    ended c => start b
    fails b => wait 1 50ms
    restart c => start c
    up c => answer 1 done
    restart d => start d
    up d => answer 2 done
    waited 1 => suspend d
    ended d => suspend c
    ended c => start b)");
}

TEST_CASE("a child that is started by hand in the wait of the first start stays", "[strategy]") {
  script{patient(restart::one_for_one), "a b c"}.play(R"(
    begin => start a
    up a => start b
    fails b => start b
    fails b => wait 1 50ms
    restart c => start c
    up c => answer 1 done
    waited 1 => start b
    up b => up)");
}

TEST_CASE("one that falls before its termination has its turn is not started again", "[strategy]") {
  script{patient(restart::one_for_one), "a b"}.play(R"(
    boot => start a start b up
    fails a => start a
    terminate b =>
    fails b =>
    up a => drop b answer 1 done
    fails a => wait 1 50ms)");
}

TEST_CASE("a new child is the last one; one that can not start is not kept", "[strategy]") {
  script{patient(restart::rest_for_one), "a b"}.play(R"(
    boot => start a start b up
    add c => start c
    fails c => drop c answer 1 failed
    add d:temporary => start d
    up d => answer 2 done
    fails b => suspend d
    ended d => drop d start b
    up b =>
    add b => answer 3 running)");
}

TEST_CASE("nobody is answered by a supervisor that ends", "[strategy]") {
  script{otp(restart::one_for_one, intensity{.restarts = 0, .within = 5s}), "a b"}.play(R"(
    boot => start a start b up
    fails a => suspend b
    terminate b =>
    ended b => escalate
    terminate b =>
    restart a =>)");
}

TEST_CASE("the end of significant children suspends the others, then the supervisor", "[strategy]") {
  auto any = otp(restart::one_for_one), all = any;
  any.auto_shutdown = auto_shutdown::any_significant;
  all.auto_shutdown = auto_shutdown::all_significant;
  script{any, "a b:transient:significant c"}.play(R"(
    boot => start a start b start c up
    fails b => start b
    up b =>
    quits b => drop b suspend c
    ended c => suspend a
    ended a => auto_shutdown)");
  script{all, "a b:transient:significant c:temporary:significant"}.play(R"(
    boot => start a start b start c up
    fails c => drop c
    quits b => drop b suspend a
    ended a => auto_shutdown)");
}

TEST_CASE("a significant child that has not had its first start counts", "[strategy]") {
  auto all = patient(restart::one_for_one);
  all.auto_shutdown = auto_shutdown::all_significant;
  script{all, "a:transient:significant b c:transient:significant"}.play(R"(
    begin => start a
    up a => start b
    fails b => start b
    fails b => wait 1 50ms
    quits a => drop a
    waited 1 => start b
    up b => start c
    up c => up
    quits c => drop c suspend b
    ended b => auto_shutdown)");
}
