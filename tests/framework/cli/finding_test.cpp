#include <banyan/cli/doctor/finding.hpp>

#include <banyan/core/json.hpp>

#include <catch2/catch.hpp>

using namespace banyan::doctor;

namespace {
const std::vector<finding> three{{"cmake", severity::ok, "3.25.1"},
                                 {"NTP", severity::warning, "the clock is not synchronised", "apt install chrony"},
                                 {"C++ compiler", severity::error, "none on PATH", "apt install build-essential"}};
}

TEST_CASE("findings are lines in columns, with advice below and a summary at the end") {
  CHECK(to_text(three, false) == R"(ok       cmake         3.25.1
warning  NTP           the clock is not synchronised
                       apt install chrony
error    C++ compiler  none on PATH
                       apt install build-essential

1 ok, 1 warning, 1 error.
)");
}

TEST_CASE("colours change no column, and are there only where they are wanted") {
  CHECK(to_text(three, true).starts_with("\033[32mok\033[0m       cmake         3.25.1\n\033[33mwarning\033[0m  NTP "));
  CHECK(to_text(three, false).find('\033') == std::string::npos);
}

TEST_CASE("what a file or a variable says can not write to the terminal") {
  CHECK(to_text({{"a", severity::ok, "x\033[2Jy", "\a"}}, false).starts_with("ok       a  x?[2Jy\n            ?\n"));
}

TEST_CASE("the exit code is 1 when a finding is an error, and 0 for warnings") {
  CHECK(exit_code(three) == 1);
  CHECK(exit_code({three[0], three[1]}) == 0);
  CHECK(exit_code({}) == 0);
}

TEST_CASE("as JSON a finding has a name, a status, a value and advice") {
  CHECK(banyan::to_json(three[1]) ==
        R"({"name":"NTP","status":"warning","value":"the clock is not synchronised","advice":"apt install chrony"})");
}
