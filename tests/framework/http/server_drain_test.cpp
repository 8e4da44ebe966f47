#include <tests/framework/http/a_server.hpp>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

TEST_CASE("a drain answers what is under way and what still comes on open connections, and lets nobody in", "[http][drain]") {
  gate g;
  hand_clock clock;
  auto server = serve({.clock = &clock}, g.handler());
  auto busy = raw::socket::connect(server->port());
  busy.send(slow_request);
  g.wait_for(1);
  auto used = raw::socket::connect(server->port());
  used.send(now_request);
  CHECK(used.read_response().ends_with("now"));
  auto fresh = raw::socket::connect(server->port());
  auto silent = raw::socket::connect(server->port());
  auto drained = drain(*server, monotonic::max());

  REQUIRE(soon([&] { return server->counters().draining; }));
  const auto ticks = clock.asked();
  REQUIRE(soon([&] { return clock.asked() >= ticks + 2; }));  // it has looked at its idle connections meanwhile

  // A connection that was idle when the drain began had nothing wrong with it.
  used.send(now_request);
  auto last = used.read_all();
  CHECK(says(last, "Connection: close"));
  CHECK(last.ends_with("now"));
  CHECK(server->counters().draining);
  CHECK_THROWS(raw::socket::connect(server->port()));
  fresh.send(now_request);
  last = fresh.read_all();
  CHECK(says(last, "Connection: close"));
  CHECK(last.ends_with("now"));

  clock.advance(2s);  // nothing came for so long
  CHECK(silent.read_all().empty());
  CHECK(drained.wait_for(0s) == std::future_status::timeout);
  g.open();
  last = busy.read_all();
  CHECK(says(last, "Connection: close"));
  CHECK(last.ends_with("opened"));
  REQUIRE(soon([&] {
    clock.advance(1s);  // for clients that do not close
    return drained.wait_for(0s) == std::future_status::ready;
  }));
  CHECK(drained.get());
  CHECK(server->counters().connections_open == 0);
}

TEST_CASE("a client that closes when the server does is waited for no longer", "[http][drain]") {
  gate g;
  hand_clock clock;
  auto server = serve({.clock = &clock}, g.handler());
  std::optional<raw::socket> idle{raw::socket::connect(server->port())};
  idle->send(now_request);
  CHECK(idle->read_response().ends_with("now"));
  auto drained = drain(*server, monotonic::max());
  REQUIRE(soon([&] { return server->counters().draining; }));
  clock.advance(2s);  // longer than drain_quiet; the clock then stands still within linger_timeout
  CHECK(idle->read_all().empty());
  idle.reset();
  CHECK(soon([&] { return drained.wait_for(0s) == std::future_status::ready; }));
}

TEST_CASE("connections that wait in the kernel's queue when a drain begins are accepted and answered", "[http][drain]") {
  if (over_tls()) return;  // their handshakes wait for the thread that is blocked here
  std::promise<void> entered, go;
  hand_clock clock;
  auto server = serve({.clock = &clock}, [&](http_request r, completion<http_response> done) {
    if (r.target == "/block") {
      entered.set_value();
      go.get_future().wait();  // the thread that accepts
    }
    done(http_response::text("answer"));
  });
  auto first = raw::socket::connect(server->port());
  first.send("GET /block HTTP/1.1\r\nHost: localhost\r\n\r\n");
  entered.get_future().wait();
  std::vector<raw::socket> queued;
  for (int i = 0; i < 200; ++i) {
    queued.push_back(raw::socket::connect(server->port()));
    queued.back().send(now_request);
  }
  auto drained = drain(*server, monotonic::max());
  go.set_value();
  for (auto& c : queued) {
    const auto all = c.read_all();
    REQUIRE(all.ends_with("answer"));
    CHECK(says(all, "Connection: close"));
  }
  CHECK(first.read_response().ends_with("answer"));
  REQUIRE(soon([&] {
    clock.advance(1s);  // for clients that do not close
    return drained.wait_for(0s) == std::future_status::ready;
  }));
  CHECK(drained.get());
}

TEST_CASE("pipelined requests that have come are all answered in a drain", "[http][drain]") {
  gate g;
  auto server = serve({}, g.handler());
  auto c = raw::socket::connect(server->port());
  c.send(slow_request + now_request);
  g.wait_for(1);
  auto drained = drain(*server, system_clock().steady() + 30s);
  REQUIRE(soon([&] { return server->counters().draining; }));
  c.send(now_request);
  g.open();
  CHECK(c.read_response().ends_with("opened"));
  CHECK(c.read_response().ends_with("now"));
  const auto last = c.read_response();
  CHECK(last.ends_with("now"));
  CHECK(says(last, "Connection: close"));
  CHECK(c.read_all().empty());
}

TEST_CASE("a drain cuts what is not finished at its deadline", "[http][drain]") {
  gate g;
  hand_clock clock;
  auto server = serve({.clock = &clock}, g.handler());
  auto busy = raw::socket::connect(server->port());
  busy.send(slow_request);
  g.wait_for(1);
  auto drained = drain(*server, clock.steady() + 10s);
  const auto second = drain(*server, clock.steady() + 10s).get();
  REQUIRE_FALSE(second);
  CHECK(second.error().code == code::conflict);
  CHECK(drained.wait_for(0s) == std::future_status::timeout);
  clock.advance(10s);
  const auto r = drained.get();
  REQUIRE_FALSE(r);
  CHECK(r.error().code == code::deadline_exceeded);
  CHECK(busy.read_all().empty());
  CHECK(g.is_cancelled(0));
  g.open();
}

TEST_CASE("a drain of a server at rest is over at once, and one that is destroyed answers", "[http][drain]") {
  gate g;
  hand_clock clock;
  auto server = serve({.clock = &clock}, g.handler());
  CHECK(drain(*server, clock.steady() + 5s).get());
  auto other = serve({}, g.handler());
  auto busy = raw::socket::connect(other->port());
  busy.send(slow_request);
  g.wait_for(1);
  auto drained = drain(*other, monotonic::max());
  other.reset();
  CHECK(drained.get().error().code == code::unavailable);
}
