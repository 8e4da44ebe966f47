#include <banyan/cli/doctor/brief_command.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::doctor;
using namespace std::chrono_literals;

namespace {
monotonic soon() { return system_clock().steady() + 30s; }
}

TEST_CASE("a command's output is what it writes to standard output, given its input") {
  CHECK(run_briefly({"cat"}, soon(), "a\nb") == "a\nb");
  CHECK(run_briefly({"sh", "-c", "echo told; echo not told >&2"}, soon()) == "told\n");
}

TEST_CASE("a command that fails, or does not exist, has no output") {
  CHECK_FALSE(run_briefly({"sh", "-c", "echo told; exit 3"}, soon()));
  CHECK_FALSE(run_briefly({"/no/such/command"}, soon()));
}

TEST_CASE("a command that has not ended at the deadline is killed") {
  const auto deadline = system_clock().steady() + 20ms;
  CHECK_FALSE(run_briefly({"sleep", "1000"}, deadline));
}

TEST_CASE("a command is found by its name on PATH, or by its own path") {
  CHECK_FALSE(find_on_path("sh").empty());
  CHECK(find_on_path("/bin/sh") == "/bin/sh");
  CHECK(find_on_path("no-such-command-as-this").empty());
  CHECK(find_on_path("/no/such/command").empty());
}
