// banyan: file ambassador
// The link to the other service, in virtual time: what it does when that one fails.
#include <tests/services/moorings/under_test.hpp>

#include <services/moorings/mooring_review.hpp>

#include <tests/catch.hpp>

#include <banyan/plan/service.hpp>
#include <banyan/service/handles.hpp>
#include <banyan/test_kit/world.hpp>

#include <chrono>
#include <string>

using namespace harbour::moorings;
using namespace std::chrono_literals;

namespace {

// The other service, as the tests have it.
struct fake_peer {
  bool is_down = false;
  int failures = 0;  // that it has before it answers
  int asked = 0;
} peer;

banyan::result<peer_check::reply> answer(banyan::context<>, const peer_check&) {
  ++peer.asked;
  if (peer.is_down || peer.asked <= peer.failures) return banyan::error{banyan::code::unavailable, "it is repaired"};
  return peer_check::reply{true};
}

banyan::application with(fake_peer p) {
  peer = p;
  auto app = under_test();
  std::erase_if(app.services, [](const auto& service) { return service.service() == peer_api::name; });
  app.services.push_back(banyan::service<peer_api>(banyan::handles<answer>{}));
  return app;
}

const std::string question = "/moorings/a1/review?note=blue";

}  // namespace

TEST_CASE("what fails now and then is asked again") {
  const auto app = with({.failures = 2});
  banyan::test_kit::world world{app};
  CHECK(world.send("GET", question).status == 200);
  CHECK(peer.asked == 3);
}

TEST_CASE("retries stay within their budget") {
  const auto app = with({.is_down = true});
  banyan::test_kit::world world{app};
  for (int i = 0; i < 15; ++i) CHECK(world.send("GET", question).status == 503);
  CHECK(peer.asked == 15 + 3);
}

// banyan: begin circuit_breaker
TEST_CASE("while the other service is down it is not asked, and then it is again") {
  const auto app = with({.is_down = true});
  banyan::test_kit::world world{app};
  for (int i = 0; i < 20; ++i) world.send("GET", question);
  const int asked = peer.asked;
  const auto refused = world.send("GET", question);
  CHECK(refused.status == 503);
  CHECK(refused.body.find("circuit_open") != std::string::npos);
  CHECK(peer.asked == asked);

  peer.is_down = false;
  world.simulation.run_for(2s);
  for (int probe = 0; probe < 3; ++probe) CHECK(world.send("GET", question).status == 200);
  world.simulation.run_for(5s);
  CHECK(world.send("GET", question).status == 200);
}
// banyan: end circuit_breaker
