// A client that goes away before its answer cancels its request.
#include <tests/framework/http/a_server.hpp>

#include <optional>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

TEST_CASE("a client that resets or closes its connection cancels its request", "[http][cancel]") {
  gate g;
  const auto server = serve({}, g.handler());
  auto first = raw::socket::connect(server->port());
  first.send(slow_request);
  g.wait_for(1);
  CHECK_FALSE(g.is_cancelled(0));
  first.reset();
  CHECK(soon([&] { return g.is_cancelled(0); }));
  std::optional<raw::socket> second{raw::socket::connect(server->port())};
  second->send(slow_request + now_request);  // also with more behind it
  g.wait_for(2);
  second.reset();
  CHECK(soon([&] { return g.is_cancelled(1); }));
  CHECK(soon([&] { return server->counters().connections_open == 0; }));
  CHECK(server->counters().cancelled == 2);
  g.open();
  CHECK(soon([&] { return server->counters().late_answers == 2; }));
}

TEST_CASE("a client that has only finished sending waits for its answer, and gets it", "[http][cancel]") {
  gate g;
  const auto server = serve({}, g.handler());
  auto c = raw::socket::connect(server->port());
  c.send(slow_request);
  c.finish();
  g.wait_for(1);
  CHECK(c.read_through("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");  // how the server finds out
  g.open();
  CHECK(c.read_response().ends_with("opened"));
  CHECK_FALSE(g.is_cancelled(0));
  CHECK(server->counters().cancelled == 0);
}

TEST_CASE("an HTTP/1.0 client is not asked, as it knows no interim answers", "[http][cancel]") {
  gate g;
  const auto server = serve({.handler_timeout = 100h}, g.handler());
  auto c = raw::socket::connect(server->port());
  c.send("GET /slow HTTP/1.0\r\n\r\n");
  c.finish();
  g.wait_for(1);
  g.open();
  CHECK(status_of(c.read_all()) == "HTTP/1.1 200 OK");
}

TEST_CASE("what a half-closed connection means is an option", "[http][cancel]") {
  gate g;
  const auto waiting = serve({.half_closed = half_close::waiting}, g.handler());
  const auto gone = serve({.half_closed = half_close::gone}, g.handler());
  auto patient = raw::socket::connect(waiting->port());
  patient.send(slow_request);
  patient.finish();
  g.wait_for(1);
  auto left = raw::socket::connect(gone->port());
  left.send(slow_request);
  left.finish();
  g.wait_for(2);
  CHECK(left.read_all().empty());
  CHECK(soon([&] { return g.is_cancelled(1); }));
  CHECK_FALSE(g.is_cancelled(0));
  g.open();
  CHECK(status_of(patient.read_response()) == "HTTP/1.1 200 OK");
}

TEST_CASE("a request that was answered 504 is cancelled, one that was answered is not", "[http][cancel]") {
  gate g;
  hand_clock clock;
  const auto server = serve({.clock = &clock}, g.handler());
  auto c = raw::socket::connect(server->port());
  c.send(slow_request);
  g.wait_for(1);
  g.answer(0, "in time");
  CHECK(c.read_response().ends_with("in time"));
  c.send(slow_request);
  g.wait_for(2);
  clock.advance(31s);
  CHECK(status_of(c.read_response()) == "HTTP/1.1 504 Gateway Timeout");
  CHECK(g.is_cancelled(1));
  CHECK_FALSE(g.is_cancelled(0));
}
