// Connections to a node that is called: opened, lost, opened again, and bounded.
#include <tests/framework/engines/framed_transport/held_calls.hpp>
#include <tests/framework/http/raw_peer.hpp>

#include <banyan/engines/framed_transport/upgrade.hpp>
#include <banyan/framed_protocol/send_queue.hpp>

using namespace framed_test;

namespace {

std::string hello_frame(std::uint32_t max_calls = 256) {
  framed::send_queue queue{1 << 20, 1024, 1 << 20};
  queue.add_hello({.max_calls = max_calls, .clock = 1, .node = "stock-1"});
  std::string out;
  queue.take(out, 1 << 20);
  return out;
}

// A node that is played by the test, after its handshake.
struct played_node {
  explicit played_node(std::function<void(raw::socket&, int)> script)
      : server{[script = std::move(script)](raw::socket& s, int number) {
          s.read_through("\r\n\r\n");
          s.send(framed::upgrade_response(101) + hello_frame());
          script(s, number);
        }} {
    auto made = make_framed_transport({.identity = {"shop", "front-1"}}, metrics);
    REQUIRE(made);
    calls = std::move(*made);
  }
  test::waiting_call ask(std::string sku) {
    return test::call(*calls, {"stock-1", "127.0.0.1:" + std::to_string(server.port())}, get,
                      get_price{std::move(sku), {}});
  }
  metrics_registry metrics;
  operation get = describe_operation<get_price>("prices", idempotent::always);
  raw::server server;
  std::shared_ptr<transport> calls;
};

}  // namespace

TEST_CASE("many calls to one node share one connection", "[framed][connection]") {
  node_pair n;
  std::vector<test::waiting_call> calls;
  for (int i = 0; i < 100; ++i) calls.push_back(n.ask("A"));
  for (auto& c : calls) CHECK(c.get());
  CHECK(n.value("banyan_transport_connections_opened_total") == 1);
  CHECK(n.value("banyan_transport_calls_total") == 100);
  CHECK(n.value("banyan_transport_served_total") == 100);
}

TEST_CASE("a connection that is reset leaves those whose request had left in doubt, long before their deadline",
          "[framed][connection]") {
  played_node n{[](raw::socket& s, int) {
    s.read_through("prices.get_price");
    s.reset();
  }};
  const auto lost = n.ask("A").refusal();
  CHECK(lost.code == code::unavailable);
  CHECK(lost.reason == "connection_lost");
  CHECK(lost.outcome == outcome::unknown);
}

TEST_CASE("a node that answers what nobody asked, or speaks nonsense, loses its connection",
          "[framed][connection][hostile]") {
  for (const std::string& nonsense :
       {std::string(2'000, 'x'), std::string("\0\0\0\x03\0\0\0\0\0\0\0\x63", 12), hello_frame()}) {
    played_node n{[&](raw::socket& s, int) {
      s.read_through("prices.get_price");
      s.send(nonsense);
      s.read_all();
    }};
    const auto lost = n.ask("A").refusal();
    CHECK(lost.reason == "connection_lost");
    CHECK(lost.outcome == outcome::unknown);
  }
}

TEST_CASE("a node that does not speak the protocol was not asked", "[framed][connection]") {
  metrics_registry metrics;
  const auto get = describe_operation<get_price>("prices", idempotent::always);
  auto calls = make_framed_transport({.identity = {"shop", "front-1"}}, metrics).value();
  const auto asked = [&](const std::string& answer) {
    raw::server other{[&](raw::socket& s, int) {
      s.read_through("\r\n\r\n");
      s.send(answer);
    }};
    return test::call(*calls, {"stock-1", "127.0.0.1:" + std::to_string(other.port())}, get, get_price{"A", {}})
        .refusal();
  };
  for (const auto& [answer, reason] :
       std::vector<std::pair<std::string, std::string>>{{framed::upgrade_response(426), "version_refused"},
                                                        {framed::upgrade_response(503), "not_accepted"},
                                                        {"HTTP/1.1 200 OK\r\n\r\n", "handshake_failed"},
                                                        {std::string(9'000, 'x'), "handshake_failed"},
                                                        {"", "handshake_failed"}}) {
    const auto why = asked(answer);
    CHECK(why.code == code::unavailable);
    CHECK(why.outcome == outcome::not_applied);
    CHECK(why.reason == reason);
  }
}

TEST_CASE("a connection that is refused was not asked, and the next attempts wait longer and longer",
          "[framed][connection]") {
  node_pair n{{}, {.identity = {}, .reconnect = {.min = 10min, .max = 10min}}};
  n.listener.reset();
  for (int i = 0; i < 2; ++i) {
    const auto refused = n.ask("A").refusal();
    CHECK(refused.reason == "connection_refused");
    CHECK(refused.outcome == outcome::not_applied);
    CHECK_FALSE(refused.retry_after);
  }
  n.listen();
  const auto waits = n.ask("A").refusal();  // without another attempt
  CHECK(waits.reason == "connection_refused");
  REQUIRE(waits.retry_after);
  CHECK(*waits.retry_after > 1min);
  CHECK(n.held.count() == 0);
}

TEST_CASE("a node that comes back is found again", "[framed][connection]") {
  node_pair n;
  REQUIRE(n.ask("A").get());
  n.listener.reset();
  CHECK(test::soon([&] { return !n.ask("A").get(); }));
  n.listen();
  CHECK(test::soon([&] { return n.ask("A").get().has_value(); }));
  CHECK(n.value("banyan_transport_connections_opened_total") == 2);
}

TEST_CASE("opening a connection goes on when the call that began it has ended", "[framed][connection]") {
  std::promise<void> let_go;
  auto may_go = let_go.get_future().share();
  raw::server slow{[&](raw::socket& s, int) {
    s.read_through("\r\n\r\n");
    may_go.wait();
    s.send(framed::upgrade_response(101) + hello_frame());
    s.read_through("prices.get_price");
    s.reset();
  }};
  metrics_registry metrics;
  const auto get = describe_operation<get_price>("prices", idempotent::always);
  auto calls = make_framed_transport({.identity = {"shop", "front-1"}, .connect_timeout = 1min}, metrics).value();
  const endpoint to{"stock-1", "127.0.0.1:" + std::to_string(slow.port())};
  const auto late = test::call(*calls, to, get, get_price{"A", {}}, 50ms).refusal();
  CHECK(late.code == code::deadline_exceeded);
  CHECK(late.outcome == outcome::not_applied);
  auto second = test::call(*calls, to, get, get_price{"A", {}});
  let_go.set_value();
  CHECK(second.refusal().outcome == outcome::unknown);
  CHECK(slow.accepted() == 1);
}

TEST_CASE("a node that does not finish the handshake is not waited for", "[framed][connection]") {
  raw::server silent{[](raw::socket& s, int) { s.read_all(); }};
  metrics_registry metrics;
  const auto get = describe_operation<get_price>("prices", idempotent::always);
  auto calls = make_framed_transport({.identity = {"shop", "front-1"}, .connect_timeout = 50ms}, metrics).value();
  const auto why =
      test::call(*calls, {"stock-1", "127.0.0.1:" + std::to_string(silent.port())}, get, get_price{"A", {}}).refusal();
  CHECK(why.reason == "connect_timeout");
  CHECK(why.outcome == outcome::not_applied);
}

TEST_CASE("calls that wait for a connection are bounded, and may be given up", "[framed][connection][limits]") {
  raw::server silent{[](raw::socket& s, int) { s.read_all(); }};
  metrics_registry metrics;
  const auto get = describe_operation<get_price>("prices", idempotent::always);
  const endpoint to{"stock-1", "127.0.0.1:" + std::to_string(silent.port())};
  auto calls =
      make_framed_transport({.identity = {"shop", "front-1"}, .connect_timeout = 1min, .max_waiting = 2}, metrics)
          .value();
  auto first = test::call(*calls, to, get, get_price{"A", {}}),
       second = test::call(*calls, to, get, get_price{"A", {}});
  const auto third = test::call(*calls, to, get, get_price{"A", {}}).refusal();
  CHECK(third.code == code::exhausted);
  CHECK(third.reason == "too_many_calls");
  CHECK(third.outcome == outcome::not_applied);
  second.attempt.reset();
  const auto end = second.refusal();
  CHECK(end.reason == "cancelled");
  CHECK(end.outcome == outcome::not_applied);
  calls.reset();
  CHECK(first.refusal().reason == "closing");
}

TEST_CASE("a node gets no more calls at a time than it said", "[framed][connection][limits]") {
  node_pair n{{.limits = {.max_calls = 2}}};
  REQUIRE(n.ask("A").get());
  auto one = n.ask("B"), two = n.ask("C");
  const auto third = n.ask("D").refusal();
  CHECK(third.code == code::exhausted);
  CHECK(third.reason == "too_many_calls");
  CHECK(third.outcome == outcome::not_applied);
  REQUIRE(test::soon([&] { return n.held.count() == 3; }));
  n.held.answer(0);
  CHECK(one.get());
  CHECK(n.ask("A").get());
  n.held.answer(1);
  CHECK(two.get());
}

TEST_CASE("all calls of a transport together are bounded", "[framed][connection][limits]") {
  node_pair n{{}, {.identity = {}, .max_under_way = 1}};
  auto one = n.ask("B");
  CHECK(n.ask("A").refusal().reason == "too_many_calls");
  REQUIRE(test::soon([&] { return n.held.count() == 1; }));
  n.held.answer(0);
  REQUIRE(one.get());
  CHECK(n.ask("A").get());
}

TEST_CASE("a large message arrives whole, beside small ones; one that is too large is not sent",
          "[framed][connection][limits]") {
  node_pair n;
  const std::string large(3 << 20, 'x');
  auto one = n.ask(large);
  std::vector<test::waiting_call> small;
  for (int i = 0; i < 20; ++i) small.push_back(n.ask("A"));
  for (auto& s : small) CHECK(s.get());
  REQUIRE(test::soon([&] { return n.held.count() == 21; }));
  n.held.answer(0, {R"({"minor":1,"in":"gbp","note":")" + large + R"("})", 0, {}});
  auto answer = one.get();
  REQUIRE(answer);
  CHECK((*answer)->as<price>().note == large);
  const auto refused = n.ask(std::string(5 << 20, 'x')).refusal();
  CHECK(refused.reason == "message_too_large");
  CHECK(refused.outcome == outcome::not_applied);
  CHECK(n.ask("A").get());
}

TEST_CASE("an answer that is too large says so, and that it was done", "[framed][connection][limits]") {
  node_pair n{{}, {.identity = {}, .limits = {.max_message = 2'000}}};
  auto one = n.ask("B");
  REQUIRE(test::soon([&] { return n.held.count() == 1; }));
  n.held.answer(0, {std::string(3'000, ' '), 0, {}});
  const auto failed = one.refusal();
  CHECK(failed.code == code::internal);
  CHECK(failed.reason == "message_too_large");
  CHECK(failed.outcome == outcome::applied);
}

TEST_CASE("a connection that nobody uses is closed, and opened again by the next call", "[framed][connection]") {
  node_pair n{{}, {.identity = {}, .idle_after = 20ms}};
  REQUIRE(n.ask("A").get());
  CHECK(test::soon([&] { return n.value("banyan_transport_connections") == 0; }));
  CHECK(n.ask("A").get());
}

TEST_CASE("a transport that ends answers all of its calls", "[framed][connection]") {
  node_pair n;
  auto one = n.ask("B");
  REQUIRE(test::soon([&] { return n.held.count() == 1; }));
  n.calls.reset();
  CHECK(one.refusal().outcome == outcome::unknown);
  one.attempt.reset();
  CHECK(test::soon([&] { return n.held.ended() == 1; }));
}

TEST_CASE("the host of an endpoint may be a name", "[framed][connection]") {
  node_pair n;
  n.to.address = "localhost:" + std::to_string(n.listener->port());
  CHECK(n.ask("A").get());
}

TEST_CASE("an endpoint that is none is refused", "[framed][connection]") {
  node_pair n;
  for (const char* address : {"", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:99999", ":7000", "a b:1"}) {
    const auto wrong = test::call(*n.calls, {"stock-1", address}, n.get, get_price{"A", {}}).refusal();
    CHECK(wrong.code == code::invalid_argument);
    CHECK(wrong.outcome == outcome::not_applied);
  }
}
