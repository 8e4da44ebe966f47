#include <tests/framework/supervision/strategy_script.hpp>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

TEST_CASE("an ordered end stops in reverse order, one after the other", "[strategy]") {
  script{patient(restart::one_for_one), "a b c"}.play(R"(
    boot => start a start b start c up
    stop => stop c
    ended c => stop b
    fails a =>
    ended b => down)");
}

TEST_CASE("a suspend for the supervisor's own restart keeps the children's places", "[strategy]") {
  script{patient(restart::one_for_one), "a b"}.play(R"(
    boot => start a start b up
    suspend => suspend b
    ended b => suspend a
    ended a => down)");
}

TEST_CASE("an order to end in the middle of a start stops also what is starting", "[strategy]") {
  script{patient(restart::one_for_one), "a b c"}.play(R"(
    begin => start a
    up a => start b
    stop => stop b
    up b =>
    ended b => stop a
    ended a => down)");
}

TEST_CASE("an order to end in the middle of a restart waits for what is being suspended", "[strategy]") {
  script{patient(restart::one_for_all), "a b c"}.play(R"(
    boot => start a start b start c up
    fails a => suspend c
    stop =>
    ended c => stop b
    ended b => down)");
}

TEST_CASE("an order to end during a back-off forgets the wait", "[strategy]") {
  script{patient(restart::one_for_one), "a b"}.play(R"(
    boot => start a start b up
    fails a => start a
    fails a => wait 1 50ms
    stop => stop b
    waited 1 =>
    ended b => down
    waited 1 =>)");
}

TEST_CASE("a child that is not done in its time is abandoned, and the others go on", "[strategy]") {
  script{otp(restart::one_for_all), "a b c"}.play(R"(
    boot => start a start b start c up
    fails a => suspend c
    late c => abandon c suspend b
    late c =>
    ended b => start a
    up a => start b
    up b => start c)");
}

TEST_CASE("a child that is given no time is abandoned at once", "[strategy]") {
  script{otp(restart::one_for_all), "a b:0ms c:0ms"}.play(R"(
    boot => start a start b start c up
    fails a => abandon c abandon b start a
    up a => start b
    up b => start c
    up c =>
    stop => abandon c abandon b stop a
    ended a => down)");
}

TEST_CASE("a child that somebody else ended counts as one that stopped by itself", "[strategy]") {
  script{otp(restart::one_for_one), "a b:transient"}.play(R"(
    boot => start a start b up
    ended a => start a
    up a =>
    ended b => drop b)");
}

TEST_CASE("a supervisor that was restarted itself suspends what still runs, then starts all", "[strategy]") {
  script{otp(restart::one_for_one), "a b c:temporary"}.play(R"(
    again => suspend c
    ended c => drop c suspend b
    fails a =>
    ended b => start a
    up a => start b
    up b => up)");
}

TEST_CASE("news that comes twice or too late changes nothing", "[strategy]") {
  script{otp(restart::one_for_one), "a b"}.play(R"(
    boot => start a start b up
    up a =>
    late a =>
    fails a => start a
    fails b =>
    up a => start b
    up a =>
    up b =>
    waited 7 =>)");
}
