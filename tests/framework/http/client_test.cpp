#include <banyan/http/client.hpp>

#include <banyan/http/server.hpp>
#include <banyan/test_kit/http_client.hpp>

#include <tests/framework/http/client_messages.hpp>
#include <tests/framework/http/raw_peer.hpp>

#include <catch2/catch.hpp>

#include <future>
#include <map>
#include <vector>

using namespace banyan;
using namespace std::chrono_literals;
using test_kit::blocking_http_client;
using test::request;
using test::response;

namespace {

std::unique_ptr<http_server> serve(http_handler handler, http_server_options options = {}) {
  auto started = http_server::start(std::move(options), std::move(handler));
  REQUIRE(started);
  return std::move(*started);
}

void echo(http_request r, completion<http_response> done) { done(http_response::text(r.method + " " + r.target + " [" + r.body + "]")); }

// Reads requests without a body and answers each.
void answer_each(raw::socket& c, const std::string& text) {
  while (!c.read_through("\r\n\r\n").empty()) c.send(text);
}

std::uint16_t unused_port() {
  const raw::server s{[](raw::socket&, int) {}};
  return s.port();
}

}  // namespace

TEST_CASE("calls go over one kept connection", "[http][client]") {
  const auto server = serve(echo);
  blocking_http_client client{server->port()};
  CHECK(client.get("/a?b=c").body == "GET /a?b=c []");
  CHECK(client.post("/p", "{}").body == "POST /p [{}]");
  CHECK(client.send(request("HEAD")).body.empty());
  CHECK(client.send(request("DELETE", "/x")).status == 200);
  CHECK(client.client().counters().connections_opened == 1);
  CHECK(client.client().counters().answered == 4);
  CHECK(server->counters().connections == 1);
}

TEST_CASE("any status is an answer", "[http][client]") {
  const auto server = serve([](http_request, completion<http_response> done) { done(error{code::conflict, "version 3 is there"}); });
  blocking_http_client client{server->port()};
  const auto r = client.get("/");
  CHECK(r.status == 409);
  CHECK(succeeded(r).error().message == "version 3 is there");
}

TEST_CASE("a large body goes both ways", "[http][client]") {
  const auto server = serve([](http_request r, completion<http_response> done) { done(http_response::text(std::move(r.body))); },
                            {.limits = {.body_bytes = 8'000'000}});
  blocking_http_client client{server->port()};
  const std::string large(5'000'000, 'q');
  CHECK(client.post("/", large).body == large);
}

TEST_CASE("many calls share the bounded pool, the rest wait their turn", "[http][client]") {
  const auto server = serve(echo);
  http_client client{{.max_connections_per_endpoint = 3}};
  std::vector<std::promise<result<http_response>>> told(200);
  for (std::size_t i = 0; i < told.size(); ++i) {
    auto r = request("GET", "/" + std::to_string(i));
    r.authority = "127.0.0.1:" + std::to_string(server->port());
    client.send(std::move(r), system_clock().steady() + raw::patience,
                [&told, i](result<http_response> a) { told[i].set_value(std::move(a)); });
  }
  for (std::size_t i = 0; i < told.size(); ++i) {
    const auto answer = told[i].get_future().get();
    REQUIRE(answer);
    CHECK(answer->body == "GET /" + std::to_string(i) + " []");
  }
  CHECK(server->counters().connections == 3);
}

TEST_CASE("a full queue refuses, and a call whose time is over in the queue was never sent", "[http][client]") {
  std::promise<completion<http_response>> held;
  const auto server = serve([&](http_request, completion<http_response> done) { held.set_value(std::move(done)); });
  std::vector<std::promise<result<http_response>>> told(3);
  {
    http_client client{{.max_connections_per_endpoint = 1, .max_waiting_per_endpoint = 1}};
    const auto send = [&](std::size_t i, nanoseconds time) {
      auto r = request("GET");
      r.authority = "127.0.0.1:" + std::to_string(server->port());
      client.send(std::move(r), system_clock().steady() + time, [&t = told[i]](result<http_response> a) { t.set_value(std::move(a)); });
    };
    send(0, 10s);
    auto arrived = held.get_future();
    REQUIRE(arrived.wait_for(raw::patience) == std::future_status::ready);
    send(1, 2s);  // still waits when the third comes
    send(2, 10s);
    const auto third = told[2].get_future().get();
    REQUIRE_FALSE(third);
    CHECK(third.error().code == code::exhausted);
    CHECK(third.error().outcome == outcome::not_applied);
    CHECK(third.error().reason == "too_many_calls");
    const auto second = told[1].get_future().get();
    REQUIRE_FALSE(second);
    CHECK(second.error().code == code::deadline_exceeded);
    CHECK(second.error().outcome == outcome::not_applied);
  }
  CHECK(server->counters().requests == 1);
}

TEST_CASE("a refused connection and an unknown host are unavailable, not applied", "[http][client]") {
  blocking_http_client client{unused_port()};
  const auto refused = client.try_send(request("POST"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == code::unavailable);
  CHECK(refused.error().outcome == outcome::not_applied);
  CHECK(refused.error().reason == "connection_refused");
  auto lost = request("GET");
  lost.authority = "no-such-host.invalid:80";
  const auto unknown = client.try_send(lost);
  CHECK(unknown.error().code == code::unavailable);
  CHECK(unknown.error().outcome == outcome::not_applied);
  CHECK(unknown.error().reason == "host_not_found");
}

TEST_CASE("a name that resolves is called", "[http][client]") {
  const auto server = serve(echo);
  blocking_http_client client{1};
  auto r = request("GET", "/named");
  r.authority = "localhost:" + std::to_string(server->port());
  CHECK(client.send(r).body == "GET /named []");
}

TEST_CASE("no answer in time after the request was sent is an unknown outcome", "[http][client]") {
  std::promise<completion<http_response>> held;
  const auto server = serve([&](http_request, completion<http_response> done) { held.set_value(std::move(done)); });
  blocking_http_client client{server->port(), 2s};  // enough for it to be sent
  const auto r = client.try_send(request("POST"));
  REQUIRE_FALSE(r);
  CHECK(r.error().code == code::deadline_exceeded);
  CHECK(r.error().outcome == outcome::unknown);
  CHECK(client.client().counters().timed_out == 1);
  CHECK(client.client().counters().connections_open == 0);
}

TEST_CASE("a deadline that has passed sends nothing", "[http][client]") {
  const auto server = serve(echo);
  blocking_http_client client{server->port(), 0ms};
  const auto r = client.try_send(request("GET"));
  CHECK(r.error().code == code::deadline_exceeded);
  CHECK(r.error().outcome == outcome::not_applied);
  CHECK(server->counters().connections == 0);
}

TEST_CASE("a request that can not be written is refused", "[http][client]") {
  blocking_http_client client{1};
  auto bad_header = request("GET");
  bad_header.headers.add("X", "a\r\nb");
  CHECK(client.try_send(bad_header).error().code == code::invalid_argument);
  auto nowhere = request("GET");
  nowhere.authority = "host:0";
  CHECK(client.try_send(nowhere).error().field == "authority");
  nowhere.authority = "a b";
  CHECK(client.try_send(nowhere).error().code == code::invalid_argument);
}

TEST_CASE("a kept connection that the server closes between calls is not used again", "[http][client]") {
  raw::server server{[](raw::socket& c, int) {
    c.read_through("\r\n\r\n");
    c.send(response("once"));
  }};
  blocking_http_client client{server.port()};
  for (int i = 1; i <= 3; ++i) {
    REQUIRE(client.get("/").body == "once");
    const auto end = std::chrono::steady_clock::now() + raw::patience;
    while (client.client().counters().connections_open != 0)
      if (std::chrono::steady_clock::now() > end) FAIL("the connection is still open");
    CHECK(server.accepted() == i);
  }
  CHECK(client.client().counters().resent == 0);
}

TEST_CASE("a stale connection is tried again once for an idempotent method only", "[http][client]") {
  // The first connection answers once, takes the next request and closes without a byte.
  const auto script = [](raw::socket& c, int number) {
    c.read_through("\r\n\r\n");
    c.send(response("fine"));
    if (number == 0)
      c.read_through("\r\n\r\n");
    else
      answer_each(c, response("fine"));
  };
  {
    raw::server server{script};
    blocking_http_client client{server.port()};
    CHECK(client.get("/").body == "fine");
    CHECK(client.get("/").body == "fine");
    CHECK(client.client().counters().resent == 1);
    CHECK(server.accepted() == 2);
  }
  {
    raw::server server{script};
    blocking_http_client client{server.port()};
    CHECK(client.get("/").body == "fine");
    const auto r = client.try_send(request("POST"));
    REQUIRE_FALSE(r);
    CHECK(r.error().code == code::unavailable);
    CHECK(r.error().outcome == outcome::unknown);
    CHECK(r.error().reason == "connection_lost");
    CHECK(client.client().counters().resent == 0);
  }
}

TEST_CASE("a fresh connection that is closed without an answer is not tried again", "[http][client]") {
  raw::server server{[](raw::socket& c, int) { c.read_through("\r\n\r\n"); }};
  blocking_http_client client{server.port()};
  const auto r = client.try_send(request("GET"));
  REQUIRE_FALSE(r);
  CHECK(r.error().reason == "connection_lost");
  CHECK(r.error().outcome == outcome::unknown);
  CHECK(server.accepted() == 1);
}

TEST_CASE("an answer that is no HTTP, cut, doubtful or too large is an error that says so", "[http][client]") {
  const std::map<std::string, std::pair<std::string, code>> rows{
      {"SSH-2.0-OpenSSH_9\r\n", {"bad_response", code::unavailable}},
      {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", {"bad_response", code::unavailable}},
      {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc", {"bad_response", code::unavailable}},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", {"response_too_large", code::exhausted}},
      {"HTTP/1.1 200 OK\r\n\r\n" + std::string(5000, 'x'), {"response_too_large", code::exhausted}},
      {"HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n", {"bad_response", code::unavailable}},
  };
  for (const auto& [text, expected] : rows) {
    INFO(text.substr(0, 100));
    raw::server server{[&answer = text](raw::socket& c, int) {
      c.read_through("\r\n\r\n");
      c.send(answer);
    }};
    blocking_http_client client{server.port(), raw::patience, {.limits = {.body_bytes = 1000}}};
    const auto r = client.try_send(request("GET"));
    REQUIRE_FALSE(r);
    CHECK(r.error().reason == expected.first);
    CHECK(r.error().code == expected.second);
    CHECK(r.error().outcome == outcome::unknown);
  }
}

TEST_CASE("an answer is read through interim answers, in chunks, or up to the end of the connection", "[http][client]") {
  const std::vector<std::string> texts{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + response("body"),
                                       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n",
                                       "HTTP/1.0 200 OK\r\n\r\nbody"};
  for (const auto& text : texts) {
    INFO(text);
    raw::server server{[&](raw::socket& c, int) {
      c.read_through("\r\n\r\n");
      for (const char byte : text) c.send({&byte, 1});
    }};
    blocking_http_client client{server.port()};
    CHECK(client.get("/").body == "body");
  }
}

TEST_CASE("bytes beyond an answer never become the next answer", "[http][client]") {
  raw::server server{[](raw::socket& c, int number) {
    c.read_through("\r\n\r\n");
    c.send(number == 0 ? response("good") + response("poison") : response("also good"));
    c.read_through("\r\n\r\n");
  }};
  blocking_http_client client{server.port()};
  CHECK(client.get("/").body == "good");
  const auto next = client.try_send(request("POST"));  // never resent, so it must not meet the first connection
  REQUIRE(next);
  CHECK(next->body == "also good");
  CHECK(server.accepted() == 2);
}

TEST_CASE("an answer that comes before the request is all sent is taken", "[http][client]") {
  const auto server = serve(echo, {.limits = {.body_bytes = 10}});
  blocking_http_client client{server->port()};
  CHECK(client.post("/", std::string(3'000'000, 'x')).status == 413);
  CHECK(client.get("/").status == 200);
}

TEST_CASE("an idle connection is closed by the client after its time", "[http][client]") {
  const auto server = serve(echo);
  blocking_http_client client{server->port(), raw::patience, {.idle_timeout = 40ms}};
  client.get("/");
  const auto end = std::chrono::steady_clock::now() + raw::patience;
  while (client.client().counters().connections_open != 0)
    if (std::chrono::steady_clock::now() > end) FAIL("the connection is still open");
  CHECK(client.get("/").status == 200);
  CHECK(server->counters().connections == 2);
}

TEST_CASE("calls under way end when the client is destroyed", "[http][client]") {
  std::promise<completion<http_response>> held;
  const auto server = serve([&](http_request, completion<http_response> done) { held.set_value(std::move(done)); });
  auto client = std::make_unique<http_client>(http_client_options{.max_connections_per_endpoint = 1});
  std::vector<std::promise<result<http_response>>> told(2);
  for (auto& t : told) {
    auto r = request("GET");
    r.authority = "127.0.0.1:" + std::to_string(server->port());
    client->send(std::move(r), system_clock().steady() + raw::patience,
                 [&t](result<http_response> a) { t.set_value(std::move(a)); });
  }
  auto arrived = held.get_future();
  REQUIRE(arrived.wait_for(raw::patience) == std::future_status::ready);
  client.reset();
  CHECK(told[0].get_future().get().error().outcome == outcome::unknown);
  CHECK(told[1].get_future().get().error().outcome == outcome::not_applied);
}

// The timer that looks for idle connections expires while the client's thread is busy, and the client is destroyed meanwhile: what has
// expired can not be cancelled any more.
TEST_CASE("a client ends although its timer has just expired", "[http][client]") {
  const auto server = serve(echo);
  const raw::server silent{[](raw::socket& c, int) { c.read_through("what never comes"); }};
  for (int i = 0; i < 3; ++i) {
    auto client = std::make_unique<http_client>(http_client_options{.idle_timeout = 1ms});
    blocking_http_client elsewhere{silent.port(), 30ms};
    std::promise<void> busy, destroyed;
    auto r = request("GET");
    r.authority = "127.0.0.1:" + std::to_string(server->port());
    client->send(std::move(r), system_clock().steady() + raw::patience, [&](const result<http_response>&) {
      busy.set_value();
      destroyed.get_future().wait();
      (void)elsewhere.try_send(request("GET"));  // ends after six periods of the timer
    });
    busy.get_future().wait();
    destroyed.set_value();
    client.reset();
    SUCCEED("it has ended");
  }
}

TEST_CASE("too many calls at once are refused on the spot", "[http][client]") {
  std::promise<completion<http_response>> held;
  const auto server = serve([&](http_request, completion<http_response> done) { held.set_value(std::move(done)); });
  http_client client{{.max_calls = 1}};
  auto r = request("GET");
  r.authority = "127.0.0.1:" + std::to_string(server->port());
  client.send(r, system_clock().steady() + raw::patience, [](const result<http_response>&) {});
  bool refused = false;
  client.send(r, system_clock().steady() + raw::patience,
              [&](const result<http_response>& a) { refused = !a && a.error().code == code::exhausted; });
  CHECK(refused);
}

TEST_CASE("a server that drains loses no call of a client that keeps its connections", "[http][client]") {
  auto server = serve(echo, {.linger_timeout = 50ms, .drain_quiet = 50ms});
  const auto port = server->port();
  blocking_http_client client{port};
  CHECK(client.get("/").status == 200);
  std::promise<result<void>> drained;
  server->drain(system_clock().steady() + raw::patience, [&](result<void> r) { drained.set_value(std::move(r)); });
  CHECK(drained.get_future().get());
  server.reset();
  const auto next = serve(echo, {.port = port});
  CHECK(client.get("/").status == 200);
}
