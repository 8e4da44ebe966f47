#include <banyan/circuit_breaker/circuit_breaker.hpp>

#include <catch2/catch.hpp>

#include <limits>
#include <string>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> fields(const circuit_breaker& o) {
  std::vector<std::string> all;
  for (const auto& e : check(o)) {
    CHECK(e.code == code::invalid_argument);
    all.push_back(e.field);
  }
  return all;
}
using options = std::vector<std::string>;

}  // namespace

TEST_CASE("the defaults of a circuit breaker have no mistakes", "[breaker]") {
  CHECK(check(circuit_breaker{}).empty());
  CHECK(check(circuit_breaker{.window = breaker_window::time}).empty());
}

TEST_CASE("each option of a circuit breaker is checked by its name", "[breaker]") {
  constexpr auto nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(fields({.window = static_cast<breaker_window>(7)}) == options{"window"});
  CHECK(fields({.calls = 0}) == options{"calls"});
  CHECK(fields({.calls = 100'001}) == options{"calls"});
  CHECK(fields({.window = breaker_window::time, .length = 1ms}) == options{"length"});
  CHECK(fields({.window = breaker_window::time, .buckets = 0}) == options{"buckets"});
  CHECK(fields({.min_calls = 0}) == options{"min_calls"});
  CHECK(fields({.calls = 10}) == options{"min_calls"});
  CHECK(fields({.window = breaker_window::time, .calls = 10}).empty());  // not of a count window
  CHECK(fields({.failure_rate = 0}) == options{"failure_rate"});
  CHECK(fields({.failure_rate = 1.01}) == options{"failure_rate"});
  CHECK(fields({.failure_rate = nan}) == options{"failure_rate"});
  CHECK(fields({.slow_rate = -1}) == options{"slow_rate"});
  CHECK(fields({.slow_after = -1s}) == options{"slow_after"});
  CHECK(fields({.consecutive = -1}) == options{"consecutive"});
  CHECK(fields({.open_for = 0s}) == options{"open_for"});
  CHECK(fields({.open_for = 2min}) == options{"open_for_at_most"});
  CHECK(fields({.jitter = 1.5}) == options{"jitter"});
  CHECK(fields({.probes = 0}) == options{"probes"});
  CHECK(fields({.probes = 33}) == options{"probes"});
  CHECK(fields({.probe_limit = 0s}) == options{"probe_limit"});
  CHECK(fields({.ramp = -1s}) == options{"ramp"});
}

TEST_CASE("all mistakes are told at once, each with what was expected and found", "[breaker]") {
  const auto all = check({.failure_rate = 0, .slow_rate = 2, .probes = 0});
  REQUIRE(all.size() == 3);
  CHECK(all[2].message == "expected a whole number from 1 to 32, found 0");
}
