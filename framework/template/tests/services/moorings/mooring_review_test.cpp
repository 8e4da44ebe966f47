// banyan: file ambassador
// The operation that asks another service, alone: whom it asks, and what it makes of the answer.
#include <services/moorings/mooring_review.hpp>

#include <services/moorings/service.hpp>

#include <tests/catch.hpp>

#include <banyan/test_kit/handler_of.hpp>

using namespace harbour::moorings;

namespace {

auto reviewing() { return banyan::test_kit::handler_of<review>{describe()}; }

const peer_check question{"a1", "blue"};

}  // namespace

TEST_CASE("the other service has the last word") {
  const peer_check::reply yes{true}, no{false, "it is full"};
  const mooring_check accepted{true}, refused{false, "it is full"};
  const auto to_yes = reviewing().given<peer_check>(yes).when({"a1", "blue"});
  to_yes.then_reply(accepted).then_asked(question);
  const auto to_no = reviewing().given<peer_check>(no).when({"a1", "blue"});
  to_no.then_reply(refused).then_asked(question);
}

TEST_CASE("what is wrong is not asked, and no answer is an error") {
  const auto wrong = reviewing().when({"", "blue"});
  wrong.then_asked();
  CHECK_FALSE(wrong.answer()->accepted);
  const auto silent = reviewing().takes<peer_check>(banyan::timespan::max());
  silent.when({"a1", "blue"}).then_error(banyan::code::deadline_exceeded);
}
