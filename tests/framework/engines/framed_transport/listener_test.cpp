// The side that is called: what it takes, what it refuses, hostile bytes, and its end.
#include <tests/framework/engines/framed_transport/certificates.hpp>
#include <tests/framework/engines/framed_transport/held_calls.hpp>
#include <tests/framework/http/raw_peer.hpp>

#include <banyan/engines/framed_transport/upgrade.hpp>
#include <banyan/framed_protocol/send_queue.hpp>

#include <random>

using namespace framed_test;

namespace {

const std::string upgrade = framed::upgrade_request("shop", "localhost");

std::string answered(const node_pair& n, const std::string& request) {
  auto s = raw::socket::connect(n.listener->port());
  s.send(request);
  s.finish();
  return s.read_all();
}

// A session of a caller as it would go: a hello, calls, a large one among them.
std::string valid_frames() {
  framed::send_queue queue{1 << 20, 16 * 1024, 1 << 20};
  queue.add_hello({.clock = 1, .node = "front-1"});
  for (std::uint64_t call = 1; call <= 5; ++call)
    REQUIRE(queue.add_request(call, {.operation = "prices.get_price"},
                              R"({"sku":"A"})" + std::string(call == 3 ? 40'000 : 10, ' ')));
  queue.add_cancel(2);
  std::string out;
  queue.take(out, 1 << 20);
  return out;
}

}  // namespace

TEST_CASE("what is no upgrade is told what is spoken here", "[framed][listener]") {
  node_pair n;
  const auto answer =
      answered(n, "GET /banyan/transport HTTP/1.1\r\nHost: localhost\r\nUser-Agent: curl\r\nAccept: */*\r\n\r\n");
  CHECK(answer.starts_with("HTTP/1.1 426 Upgrade Required\r\n"));
  CHECK(answer.find("\r\nUpgrade: banyan/1\r\n") != std::string::npos);
  CHECK(answered(n, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").starts_with("HTTP/1.1 404 "));
  CHECK(answered(n, framed::upgrade_request("bank", "localhost")).starts_with("HTTP/1.1 403 "));
  CHECK(n.value(R"(banyan_transport_refused_connections_total{reason="no_upgrade"})") == 2);
  CHECK(n.ask("A").get());
}

TEST_CASE("an upgrade is answered, and the session begins", "[framed][listener]") {
  node_pair n;
  auto s = raw::socket::connect(n.listener->port());
  s.send(upgrade);
  CHECK(s.read_through("\r\n\r\n").starts_with("HTTP/1.1 101 "));
  CHECK_FALSE(s.read_through("stock-1").empty());  // its hello
}

TEST_CASE("hostile bytes lose their connection, and nobody else notices", "[framed][listener][hostile]") {
  node_pair n;
  REQUIRE(n.ask("A").get());
  SECTION("a head without an end") {
    CHECK(answered(n, "GET /banyan/transport HTTP/1.1\r\nX: " + std::string(10'000, 'x')).starts_with("HTTP/1.1 431 "));
  }
  SECTION("a head with a body") {
    CHECK(answered(n, upgrade.substr(0, upgrade.size() - 2) + "Content-Length: 5\r\n\r\nabcde")
              .starts_with("HTTP/1.1 4"));
  }
  SECTION("frames before the upgrade is answered") {
    CHECK(answered(n, upgrade + valid_frames()).starts_with("HTTP/1.1 400 "));
  }
  SECTION("bytes that are no HTTP") {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
      std::mt19937_64 random{seed};
      std::string bytes(1 + random() % 3'000, '\0');
      for (auto& b : bytes) b = static_cast<char>(random());
      CAPTURE(seed);
      CHECK_FALSE(answered(n, bytes).starts_with("HTTP/1.1 101"));
    }
  }
  SECTION("an upgrade that is cut off") {
    for (std::size_t at = 0; at < upgrade.size(); at += 7)
      CHECK_FALSE(answered(n, upgrade.substr(0, at)).starts_with("HTTP/1.1 101"));
  }
  SECTION("frames that are changed or cut off") {
    const auto frames = valid_frames();
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      std::mt19937_64 random{seed};
      auto bytes = frames;
      for (auto c = 1 + random() % 3; c > 0; --c)
        bytes[random() % std::min<std::size_t>(bytes.size(), 300)] = static_cast<char>(random());
      bytes.resize(random() % (bytes.size() + 1));
      auto s = raw::socket::connect(n.listener->port());
      s.send(upgrade);
      CHECK(s.read_through("\r\n\r\n").starts_with("HTTP/1.1 101"));
      s.send(bytes);
      s.finish();
      s.read_all();  // ends
    }
  }
  CHECK(n.ask("A").get());
  CHECK(n.value("banyan_transport_connections_opened_total") == 1);  // of the one who behaves
  CHECK(test::soon([&] { return n.value("banyan_transport_caller_connections") == 1; }));
}

TEST_CASE("hostile bytes to a listener with TLS lose their connection", "[framed][listener][hostile]") {
  test::certificate_authority ours;
  node_pair n{{.identity = {"shop", "stock-1", ours.issue(test::node_uri("stock-1"))}},
              {.identity = {"shop", "front-1", ours.issue(test::node_uri("front-1"))}}};
  for (const std::string& bytes : {upgrade, std::string(5'000, '\x16'), std::string("\x16\x03\x01\xff\xff\x01", 6)})
    CHECK_FALSE(answered(n, bytes).starts_with("HTTP/"));
  CHECK(n.ask("A").get());
}

TEST_CASE("a caller that breaks the protocol gives up what it asked for", "[framed][listener][hostile]") {
  node_pair n;
  framed::send_queue queue{1 << 20, 1024, 1 << 20};
  queue.add_hello({.clock = 1, .node = "front-1"});
  REQUIRE(queue.add_request(1, {.operation = "prices.get_price"}, R"({"sku":"B"})"));
  std::string frames;
  queue.take(frames, 1 << 20);
  auto s = raw::socket::connect(n.listener->port());
  s.send(upgrade);
  s.read_through("\r\n\r\n");
  s.send(frames);
  REQUIRE(test::soon([&] { return n.held.count() == 1; }));
  CHECK(n.held.ended() == 0);
  s.send(std::string(12, '\x7f'));
  s.read_all();
  CHECK(test::soon([&] { return n.held.ended() == 1; }));
}

TEST_CASE("who does not finish the handshake is not waited for", "[framed][listener][limits]") {
  node_pair n{{.handshake_timeout = 500ms}};
  auto nothing = raw::socket::connect(n.listener->port()), half = raw::socket::connect(n.listener->port());
  auto no_hello = raw::socket::connect(n.listener->port());
  half.send(upgrade.substr(0, 20));
  no_hello.send(upgrade);
  CHECK(nothing.read_all().empty());
  CHECK(half.read_all().empty());
  CHECK(no_hello.read_all().starts_with("HTTP/1.1 101 "));
  CHECK(test::soon([&] { return n.value("banyan_transport_caller_connections") == 0; }));
}

TEST_CASE("a caller that is silent is lost, one that answers pings is kept", "[framed][listener]") {
  node_pair n{{.limits = {.ping_after = 10ms, .lost_after = 1s}}};
  auto waits = n.ask("B");
  REQUIRE(test::soon([&] { return n.held.count() == 1; }));
  framed::send_queue queue{1 << 20, 1024, 1 << 20};
  queue.add_hello({.clock = 1, .node = "front-2"});
  std::string hello;
  queue.take(hello, 1 << 20);
  auto silent = raw::socket::connect(n.listener->port());
  silent.send(upgrade);
  silent.read_through("\r\n\r\n");
  silent.send(hello);
  silent.read_all();  // ends, when a second is over
  n.held.answer(0);
  CHECK(waits.get());
  CHECK(n.value("banyan_transport_connections_opened_total") == 1);
}

TEST_CASE("connections are bounded", "[framed][listener][limits]") {
  node_pair n{{.max_connections = 1}};
  REQUIRE(n.ask("A").get());
  CHECK(answered(n, upgrade).starts_with("HTTP/1.1 503 "));
  CHECK(n.value(R"(banyan_transport_refused_connections_total{reason="too_many_connections"})") == 1);
  CHECK(n.ask("A").get());
}

TEST_CASE("a listener that drains answers what has come, and takes nothing new", "[framed][listener][drain]") {
  node_pair n;
  auto waits = n.ask("B");
  REQUIRE(test::soon([&] { return n.held.count() == 1; }));
  auto drained = std::async(std::launch::async, [&] { return n.listener->drain(1min); });
  error refused;
  CHECK(test::soon([&] {
    auto a = n.ask("A").get();
    if (!a) refused = a.error();
    return !a;
  }));
  CHECK(refused.outcome == outcome::not_applied);
  CHECK_FALSE(waits.is_answered());
  n.held.answer(0);
  CHECK(waits.get());
  CHECK(drained.get());
}

TEST_CASE("a drain that takes too long leaves the callers in doubt", "[framed][listener][drain]") {
  node_pair n;
  auto waits = n.ask("B");
  REQUIRE(test::soon([&] { return n.held.count() == 1; }));
  CHECK_FALSE(n.listener->drain(20ms));
  CHECK(waits.refusal().outcome == outcome::unknown);
  CHECK(n.held.ended() == 1);
}

TEST_CASE("an answer that comes when the listener is gone is dropped", "[framed][listener]") {
  node_pair n;
  auto waits = n.ask("B");
  REQUIRE(test::soon([&] { return n.held.count() == 1; }));
  n.listener.reset();
  n.held.answer(0);
  CHECK(waits.refusal().outcome == outcome::unknown);
}

TEST_CASE("an address that is taken is told", "[framed][listener]") {
  node_pair n;
  const auto second =
      call_listener::start({.identity = {"shop", "stock-2"}, .port = n.listener->port()}, n.held.handler(), n.metrics);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == code::unavailable);
  CHECK(second.error().field == "address");
}
