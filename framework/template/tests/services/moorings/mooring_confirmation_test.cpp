// banyan: file pub_sub
// The subscription alone: what it asks for an event, and what it makes of the answer.
#include <services/moorings/mooring_confirmation.hpp>

#include <services/moorings/service.hpp>

#include <tests/catch.hpp>

#include <banyan/test_kit/subscription_of.hpp>

using namespace harbour::moorings;

namespace {

auto confirming() { return banyan::test_kit::subscription_of<confirm_placed>{describe()}; }

const mooring_placed event{"a1", "blue"};
const mooring_record done{"a1", "blue", mooring_status::confirmed};
const confirm_mooring command{"a1"};

}  // namespace

TEST_CASE("what is placed is confirmed") {
  const auto outcome = confirming().given<confirm_mooring>(done).when(event);
  outcome.then_handled().then_asked(command);
}

TEST_CASE("what can not be confirmed for now is tried again") {
  const banyan::error not_now{banyan::code::unavailable, "not now"};
  const auto outcome = confirming().given<confirm_mooring>(not_now, done).when(event);
  outcome.then_handled().then_attempts(2).then_asked(command, command);
}
