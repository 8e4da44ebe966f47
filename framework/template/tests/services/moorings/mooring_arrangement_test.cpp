// banyan: file saga
// The saga in virtual time. Alone: what it asks, and how it ends; each of these tests runs it also with its frame built
// again from the record after every turn, and with every answer lost once. And in its service.
#include <services/moorings/mooring_arrangement.hpp>

#include <tests/services/moorings/under_test.hpp>

#include <tests/catch.hpp>

#include <banyan/test_kit/saga.hpp>
#include <banyan/test_kit/world.hpp>

#include <string>
#include <vector>

using namespace harbour::moorings;
using namespace std::chrono_literals;

namespace {

const mooring_record placed{"a1", "blue", mooring_status::placed};
const mooring_record confirmed{"a1", "blue", mooring_status::confirmed};

auto arranging() {
  const auto all = banyan::test_kit::saga<arrange>({"a1", "blue"});
  return all.answers<place_mooring>(placed).answers<confirm_mooring>(confirmed);
}

const std::string placing = "moorings.place_mooring";
const std::string confirming = "moorings.confirm_mooring";
const std::vector<std::string> both{placing, confirming}, first{placing};

}  // namespace

TEST_CASE("what is placed is confirmed after a while") {
  arranging().then_asked(both).then_reply(confirmed);
  CHECK(arranging().story().took >= confirmed_after);
}

TEST_CASE("what can not be placed is not confirmed") {
  const auto refused = arranging().refuses<place_mooring>("already_placed");
  refused.then_asked(first).then_refused("already_placed");
}

TEST_CASE("what is cancelled meanwhile is not confirmed") {
  const auto cancelled = arranging().cancel_at(confirmed_after / 2);
  cancelled.then_asked(first).then_refused("saga_cancelled");
}

TEST_CASE("it goes on after a power failure while it waits") {
  const auto app = under_test();
  banyan::test_kit::world world{app};
  const std::string path = "/moorings/a1/arrange", body = R"({"note":"blue"})";
  world.simulation.request("POST", path, body, [](const auto&) {});
  world.simulation.run_for(confirmed_after / 2);
  world.simulation.crash();
  world.simulation.run_for(1min);
  const auto answer = world.send("POST", path, body);
  CHECK(answer.status == 200);
  CHECK(answer.body == banyan::to_json(confirmed));
}
