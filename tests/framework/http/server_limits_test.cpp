// Time-outs, by a clock that stands still until the test moves it, and limits.
#include <tests/framework/http/a_server.hpp>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

TEST_CASE("a header that trickles in is cut off with 408, however steadily bytes come", "[http][server]") {
  gate g;
  hand_clock clock;
  const auto server = serve({.clock = &clock}, g.handler());
  auto c = raw::socket::connect(server->port());
  const std::string start = "GET / HTTP/1.1\r\nHost: localhost\r\nX: ";
  c.send(start);
  for (std::uint64_t sent = start.size(); sent < start.size() + 9; ++sent) {
    REQUIRE(soon([&] { return server->counters().bytes_in == sent; }));
    clock.advance(1s);
    c.send("a");
  }
  CHECK(server->counters().read_timeouts == 0);
  clock.advance(2s);  // bytes are counted just before they are looked at
  CHECK(status_of(c.read_all()) == "HTTP/1.1 408 Request Timeout");
  CHECK(server->counters().read_timeouts == 1);
}

TEST_CASE("a body that does not come is cut off with 408, whatever has come of it", "[http][server]") {
  gate g;
  hand_clock clock;
  const auto server = serve({.clock = &clock}, g.handler());
  auto c = raw::socket::connect(server->port());
  const std::string start = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc";
  c.send(start);
  REQUIRE(soon([&] { return server->counters().bytes_in == start.size(); }));
  REQUIRE(soon([&] {  // counted just before it is looked at
    clock.advance(31s);
    return server->counters().read_timeouts == 1;
  }));
  CHECK(status_of(c.read_all()) == "HTTP/1.1 408 Request Timeout");
}

TEST_CASE("an idle connection is closed without a word", "[http][server]") {
  gate g;
  hand_clock clock;
  const auto server = serve({.clock = &clock}, g.handler());
  auto fresh = raw::socket::connect(server->port());
  auto used = raw::socket::connect(server->port());
  used.send(now_request);
  CHECK(used.read_response().ends_with("now"));
  clock.advance(59s);
  CHECK(server->counters().idle_closed == 0);
  REQUIRE(soon([&] {
    clock.advance(61s);
    return server->counters().idle_closed + server->counters().handshake_timeouts == 2;
  }));
  CHECK(fresh.read_all().empty());
  CHECK(used.read_all().empty());
}

TEST_CASE("a handler that is silent is answered for with 504, and its late answer is dropped", "[http][server]") {
  gate g;
  hand_clock clock;
  const auto server = serve({.clock = &clock}, g.handler());
  auto c = raw::socket::connect(server->port());
  c.send(slow_request);
  g.wait_for(1);
  clock.advance(30s);
  const auto r = c.read_response();
  CHECK(status_of(r) == "HTTP/1.1 504 Gateway Timeout");
  CHECK(r.find("\"outcome\":\"unknown\"") != std::string::npos);
  CHECK(server->counters().requests_in_flight == 1);  // the handler is still at it
  g.open();
  c.send(now_request);
  CHECK(c.read_response().ends_with("now"));
  CHECK(soon([&] { return server->counters().late_answers == 1; }));
  CHECK(server->counters().requests_in_flight == 0);
}

TEST_CASE("a late answer is never taken for that of the next request", "[http][server]") {
  gate g;
  hand_clock clock;
  const auto server = serve({.clock = &clock}, g.handler());
  auto c = raw::socket::connect(server->port());
  c.send(slow_request);
  g.wait_for(1);
  clock.advance(30s);
  CHECK(status_of(c.read_response()) == "HTTP/1.1 504 Gateway Timeout");
  c.send(slow_request);
  g.wait_for(2);
  g.answer(0, "for the first");
  g.answer(1, "for the second");
  CHECK(c.read_response().ends_with("for the second"));
}

TEST_CASE("a client that does not read its answer is cut off", "[http][server]") {
  hand_clock clock;
  const auto server = serve({.clock = &clock},
                            [](http_request, completion<http_response> done) { done(http_response::text(std::string(32'000'000, 'x'))); });
  auto c = raw::socket::connect(server->port(), 4096);
  c.send(slow_request);
  REQUIRE(soon([&] { return server->counters().responses_2xx == 1; }));
  clock.advance(31s);
  CHECK(soon([&] { return server->counters().write_timeouts == 1; }));
  CHECK(soon([&] { return server->counters().connections_open == 0; }));
}

TEST_CASE("a time-out that is as long as can be said never comes", "[http][server]") {
  gate g;
  hand_clock clock;
  const timespan never = nanoseconds::max();
  const auto server = serve({.header_timeout = never,
                             .body_timeout = never,
                             .handler_timeout = never,
                             .write_timeout = never,
                             .stall_timeout = never,
                             .idle_timeout = never,
                             .linger_timeout = never,
                             .drain_quiet = never,
                             .clock = &clock},
                            g.handler());
  auto c = raw::socket::connect(server->port());
  c.send(slow_request);
  g.wait_for(1);
  clock.advance(24h * 365 * 50);
  auto other = raw::socket::connect(server->port());
  other.send("POST /now HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n");
  other.send("ok");
  CHECK(other.read_response().ends_with("now"));
  g.answer(0, "late");
  CHECK(c.read_response().ends_with("late"));
  CHECK(server->counters().handler_timeouts == 0);
}

TEST_CASE("a client that never closes does not hold a closed connection", "[http][server]") {
  gate g;
  hand_clock clock;
  const auto server = serve({.clock = &clock}, g.handler());
  auto c = raw::socket::connect(server->port());
  c.send("nonsense\r\n\r\n");
  CHECK(says(c.read_all(), "400"));
  CHECK(server->counters().connections_open == 1);
  CHECK(soon([&] {
    clock.advance(2s);  // the answer may be read before the server begins to wait for the end
    return server->counters().connections_open == 0;
  }));
}

TEST_CASE("connections beyond the limit are told so and closed when no other can be spared", "[http][server]") {
  gate g;
  hand_clock clock;  // a request may be on its way on each that is there
  const auto server = serve({.max_connections = 3, .clock = &clock}, g.handler());
  std::vector<raw::socket> good;
  for (int i = 0; i < 3; ++i) {
    good.push_back(raw::socket::connect(server->port()));
    good.back().send(now_request);
    CHECK(good.back().read_response().ends_with("now"));
  }
  for (int i = 0; i < 5; ++i) {
    auto extra = raw::socket::connect(server->port());
    extra.send(now_request);
    const auto all = extra.read_all();
    CHECK(status_of(all) == without_room());
    CHECK((over_tls() || says(all, "Retry-After: 1")));
  }
  good.front().send(now_request);
  CHECK(good.front().read_response().ends_with("now"));
  CHECK(server->counters().connections_refused == 5);
  good.clear();
  REQUIRE(soon([&] { return server->counters().connections_open == 0; }));
  auto again = raw::socket::connect(server->port());
  again.send(now_request);
  CHECK(again.read_response().ends_with("now"));
}

TEST_CASE("silent connections are closed for new ones: who asks is served, however many of them come", "[http][server]") {
  gate g;
  hand_clock clock;
  const auto server = serve({.max_connections = 4, .clock = &clock}, g.handler());
  auto kept = raw::socket::connect(server->port());
  kept.send(now_request);
  CHECK(kept.read_response().ends_with("now"));
  std::vector<raw::socket> silent;
  for (int round = 0; round < 20; ++round) {
    silent.push_back(raw::socket::connect(server->port()));
    silent.push_back(raw::socket::connect(server->port()));
    auto other = raw::socket::connect(server->port());
    other.send(now_request);
    CHECK(other.read_response().ends_with("now"));
  }
  CHECK(silent.front().read_all().empty());
  kept.send(now_request);
  CHECK(kept.read_response().ends_with("now"));
  CHECK(server->counters().connections_refused == 0);
  CHECK(server->counters().connections_spared >= 30);
}

TEST_CASE("requests that do not end and answers that are not read hold no place against others", "[http][server]") {
  if (over_tls()) return;  // records go out one by one, so the large answer still makes progress when the clock is set
  gate g;
  hand_clock clock;
  const std::string large(32 * 1024 * 1024, 'x');
  const auto server = serve({.max_connections = 3, .drain_quiet = 1s, .clock = &clock}, [&](http_request r, completion<http_response> done) {
    r.target == "/large" ? done(http_response::text(large)) : g.handler()(std::move(r), std::move(done));
  });
  auto in_head = raw::socket::connect(server->port()), in_body = raw::socket::connect(server->port());
  auto not_reading = raw::socket::connect(server->port());
  const std::string half_a_head = "GET /now HTT", large_please = "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const std::string half_a_body = "POST /now HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n\r\nnot all";
  in_head.send(half_a_head);
  in_body.send(half_a_body);
  not_reading.send(large_please);
  const auto sent = half_a_head.size() + half_a_body.size() + large_please.size();
  REQUIRE(soon([&] { return server->counters().bytes_in == sent && server->counters().bytes_out > 0; }));
  const auto refused = raw::socket::connect(server->port()).read_all();
  CHECK(status_of(refused) == without_room());  // they may be just slow
  std::vector<raw::socket> others;
  for (auto kind = 0; kind < 3; ++kind) {
    clock.advance(1s);
    auto other = raw::socket::connect(server->port());
    other.send(slow_request);
    g.wait_for(static_cast<std::size_t>(kind) + 1);
    others.push_back(std::move(other));
  }
  CHECK(server->counters().connections_spared == 3);
  CHECK(in_head.read_all().empty());
  CHECK(in_body.read_all().empty());
  g.open();
  for (auto& other : others) CHECK(other.read_response().ends_with("opened"));
}

TEST_CASE("of connections that may ask again the one that has waited longest makes room, those at work stay", "[http][server]") {
  gate g;
  hand_clock clock;
  const auto server = serve({.max_connections = 3, .drain_quiet = 1s, .clock = &clock}, g.handler());
  auto first = raw::socket::connect(server->port()), second = raw::socket::connect(server->port());
  auto busy = raw::socket::connect(server->port());
  busy.send(slow_request);
  g.wait_for(1);
  std::size_t answered = 0;
  for (auto* c : {&first, &second}) {
    c->send(now_request);
    const auto answer = c->read_response();
    CHECK(answer.ends_with("now"));
    answered += answer.size();
    REQUIRE(soon([&] { return server->counters().bytes_out == answered; }));  // from then on it is idle
    clock.advance(600ms);
  }
  auto third = raw::socket::connect(server->port());
  third.send(now_request);
  CHECK(third.read_response().ends_with("now"));
  CHECK(first.read_all().empty());
  CHECK(status_of(raw::socket::connect(server->port()).read_all()) == without_room());
  second.send(now_request);
  CHECK(second.read_response().ends_with("now"));
  g.open();
  CHECK(busy.read_response().ends_with("opened"));
  CHECK(server->counters().connections_spared == 1);
}

TEST_CASE("a flood of silent connections does not stop those that are there", "[http][server]") {
  gate g;
  const auto server = serve({.max_connections = 4}, g.handler());
  auto first = raw::socket::connect(server->port());
  first.send(now_request);
  CHECK(first.read_response().ends_with("now"));
  std::vector<raw::socket> flood;
  for (int i = 0; i < 200; ++i) flood.push_back(raw::socket::connect(server->port()));
  CHECK(soon([&] { return server->counters().connections == 201; }));
  CHECK(server->counters().connections_open <= 4 + 64);
  first.send(now_request);
  CHECK(first.read_response().ends_with("now"));
}

TEST_CASE("requests beyond those admitted are refused with Retry-After, and the connection goes on", "[http][server]") {
  gate g;
  const auto server = serve({.max_in_flight = 2}, g.handler());
  std::vector<raw::socket> busy;
  for (int i = 0; i < 2; ++i) {
    busy.push_back(raw::socket::connect(server->port()));
    busy.back().send(slow_request);
  }
  g.wait_for(2);
  auto c = raw::socket::connect(server->port());
  c.send(slow_request);
  const auto refused = c.read_response();
  CHECK(status_of(refused) == "HTTP/1.1 503 Service Unavailable");
  CHECK(refused.find("Retry-After: ") != std::string::npos);
  CHECK(refused.find("\"outcome\":\"not_applied\"") != std::string::npos);
  g.open();
  for (auto& b : busy) CHECK(b.read_response().ends_with("opened"));
  c.send(now_request);
  CHECK(c.read_response().ends_with("now"));
  CHECK(server->counters().requests_refused == 1);
}

TEST_CASE("a client that resets in the middle of anything harms nobody", "[http][server]") {
  gate g;
  const auto server = serve({}, g.handler());
  for (const auto& sent :
       std::vector<std::string>{"", "GET /", slow_request, slow_request + slow_request, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc"}) {
    auto c = raw::socket::connect(server->port());
    c.send(sent);
    c.reset();
  }
  g.wait_for(2);
  g.open();
  auto c = raw::socket::connect(server->port());
  c.send(now_request);
  CHECK(c.read_response().ends_with("now"));
}
