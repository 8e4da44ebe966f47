// How the client opens connections: for whom, how many, and for how long.
#include <banyan/http/client.hpp>
#include <banyan/test_kit/http_client.hpp>

#include <tests/framework/http/client_messages.hpp>
#include <tests/framework/http/raw_peer.hpp>

#include <catch2/catch.hpp>

#include <deque>
#include <future>

using namespace banyan;
using namespace std::chrono_literals;
using test::request;
using test::response;
using test_kit::blocking_http_client;

namespace {

// A call that a test waits for later.
class pending {
 public:
  pending(http_client& client, http_request r, std::uint16_t port, std::chrono::milliseconds within) {
    r.authority = "127.0.0.1:" + std::to_string(port);
    client.send(std::move(r), system_clock().steady() + within,
                [this](result<http_response> a) { answer_.set_value(std::move(a)); });
  }
  result<http_response> answer() { return answer_.get_future().get(); }

 private:
  std::promise<result<http_response>> answer_;
};

}  // namespace

// Each of the first calls is shorter than the time to connect. A connection that ended with its call would begin anew
// each time.
TEST_CASE("a call succeeds on the connection that was opened for one whose time was over before", "[http][client]") {
  raw::slow_listener server;
  blocking_http_client hasty{server.port(), 20ms, {.connect_timeout = raw::patience}};
  for (int i = 0; i < 5; ++i) {
    const auto late = hasty.try_send(request("POST"));
    REQUIRE_FALSE(late);
    CHECK(late.error().code == code::deadline_exceeded);
    CHECK(late.error().outcome == outcome::not_applied);
  }
  CHECK(hasty.client().counters().connections_opened == 1);
  server.let_in();
  auto accepted = server.accept();
  pending told{hasty.client(), request("POST", "/later"), server.port(), raw::patience};
  CHECK(accepted.read_through("\r\n\r\n").starts_with("POST /later "));
  accepted.send(response("at last"));
  const auto answer = told.answer();
  REQUIRE(answer);
  CHECK(answer->body == "at last");
  CHECK(hasty.client().counters().connections_opened == 1);
}

TEST_CASE("connections that are being opened are bounded, and so are the calls that wait for them", "[http][client]") {
  raw::slow_listener server;
  const http_client_options options{
      .max_connections_per_endpoint = 2, .max_waiting_per_endpoint = 1, .connect_timeout = raw::patience};
  http_client client{options};
  for (int round = 0; round < 3; ++round) {
    std::deque<pending> told;
    for (int i = 0; i < 4; ++i) told.emplace_back(client, request("GET"), server.port(), 500ms);
    for (std::size_t i = 0; i < told.size(); ++i)
      CHECK(told[i].answer().error().code == (i < 3 ? code::deadline_exceeded : code::exhausted));
    CHECK(client.counters().connections_opened == 2);
  }
}

TEST_CASE("a connection that never opens ends by its own timeout, with a call or without", "[http][client]") {
  raw::slow_listener server;
  blocking_http_client client{server.port(), raw::patience, {.connect_timeout = 100ms}};
  const auto r = client.try_send(request("POST"));
  REQUIRE_FALSE(r);
  CHECK(r.error().code == code::unavailable);
  CHECK(r.error().reason == "connect_timeout");
  CHECK(r.error().outcome == outcome::not_applied);
  CHECK(client.client().counters().connections_open == 0);
  blocking_http_client hasty{server.port(), 20ms, {.connect_timeout = 1s}};
  CHECK(hasty.try_send(request("POST")).error().code == code::deadline_exceeded);
  const auto end = std::chrono::steady_clock::now() + raw::patience;
  while (hasty.client().counters().connections_open != 0)
    if (std::chrono::steady_clock::now() > end) FAIL("the connection is still being opened");
}

// It was never used, and stale all the same.
TEST_CASE("a connection that was opened for nobody and closed by the server is replaced for an idempotent method",
          "[http][client]") {
  raw::slow_listener server;
  blocking_http_client hasty{server.port(), 20ms, {.connect_timeout = raw::patience}};
  CHECK(hasty.try_send(request("GET")).error().code == code::deadline_exceeded);
  server.let_in();
  auto first = server.accept();
  pending told{hasty.client(), request("GET"), server.port(), raw::patience};
  first.read_through("\r\n\r\n");
  { const auto gone = std::move(first); }
  auto second = server.accept();
  second.read_through("\r\n\r\n");
  second.send(response("fresh"));
  CHECK(told.answer()->body == "fresh");
  CHECK(hasty.client().counters().resent == 1);
}
