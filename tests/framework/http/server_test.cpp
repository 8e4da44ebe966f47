#include <banyan/http/server.hpp>

#include <tests/framework/http/a_server.hpp>

#include <catch2/catch.hpp>

#include <future>
#include <vector>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

// Echoes method, target and body; "/boom" throws, "/drop" drops, "/bad" can not be said.
void echo(http_request r, completion<http_response> done) {
  if (r.target == "/boom") throw std::runtime_error{"boom"};
  if (r.target == "/drop") return;
  if (r.target == "/bad") return done(http_response{200, {{"X", "a\r\nb"}}, ""});
  if (r.target == "/refuse") return done(error{code::refused, "no"}.because("rule"));
  done(http_response::text(r.method + " " + r.target + " [" + r.body + "]"));
}

std::unique_ptr<http_server> serve(http_server_options options = {}) { return test::serve(std::move(options), echo); }

const std::string get = "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n";

}  // namespace

TEST_CASE("a request is answered and the connection is kept", "[http][server]") {
  const auto server = serve();
  auto c = raw::socket::connect(server->port());
  for (int i = 0; i < 3; ++i) {
    c.send(get);
    const auto r = c.read_response();
    CHECK(status_of(r) == "HTTP/1.1 200 OK");
    CHECK(r.ends_with("GET /a []"));
    CHECK(r.find("Date: ") != std::string::npos);
    CHECK(r.find("Connection") == std::string::npos);
  }
  CHECK(server->counters().connections == 1);
  CHECK(server->counters().responses_2xx == 3);
}

TEST_CASE("a request is understood however it is cut into packets", "[http][server]") {
  const auto server = serve();
  auto c = raw::socket::connect(server->port());
  const std::string request = "POST /b HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  for (std::size_t at = 1; at < request.size(); ++at) {
    c.send(request.substr(0, at));
    c.send(request.substr(at));
    REQUIRE(c.read_response().ends_with("POST /b [abc]"));
  }
  for (const char byte : request) c.send({&byte, 1});
  CHECK(c.read_response().ends_with("POST /b [abc]"));
}

TEST_CASE("pipelined requests are answered in order", "[http][server]") {
  const auto server = serve();
  auto c = raw::socket::connect(server->port());
  std::string all;
  for (int i = 0; i < 50; ++i) all += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  c.send(all);
  for (int i = 0; i < 50; ++i) REQUIRE(c.read_response().ends_with("GET /" + std::to_string(i) + " []"));
}

TEST_CASE("a client that has finished sending still gets its answers", "[http][server]") {
  const auto server = serve();
  auto c = raw::socket::connect(server->port());
  c.send(get + get);
  c.finish();
  const auto all = c.read_all();
  CHECK(all.find("GET /a []") != all.rfind("GET /a []"));
}

TEST_CASE("a client that stops within a request is told, and one that says nothing is left in peace", "[http][server]") {
  const auto server = serve();
  auto c = raw::socket::connect(server->port());
  c.send("GET /a HT");
  c.finish();
  CHECK(status_of(c.read_all()) == "HTTP/1.1 400 Bad Request");
  auto silent = raw::socket::connect(server->port());
  silent.finish();
  CHECK(silent.read_all().empty());
}

TEST_CASE("malformed requests are refused as a problem and the connection is closed", "[http][server]") {
  const auto server = serve({.limits = {.header_bytes = 1024, .target_bytes = 100, .body_bytes = 10}});
  const std::vector<std::pair<std::string, std::string>> rows{
      {"nonsense\r\n\r\n", "400"},
      {"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n",
       "400"},
      {"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n" + get, "501"},
      {"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + get, "400"},
      {"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\n\r\n01234567890" + get, "413"},
      {"GET /" + std::string(200, 'a') + " HTTP/1.1\r\nHost: localhost\r\n\r\n", "414"},
      {"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(2000, 'a') + "\r\n\r\n", "431"},
      {"GET / HTTP/3.0\r\nHost: localhost\r\n\r\n", "505"},
  };
  for (const auto& [bytes, status] : rows) {
    INFO(bytes);
    auto c = raw::socket::connect(server->port());
    c.send(bytes);
    const auto all = c.read_all();
    CHECK(all.substr(9, 3) == status);
    CHECK(all.find("application/problem+json") != std::string::npos);
    CHECK(all.find("Connection: close") != std::string::npos);
    CHECK(all.find("\"status\":" + status) != std::string::npos);
    CHECK(all.find("smuggled") == std::string::npos);
    CHECK(all.find("HTTP/1.1 ", 1) == std::string::npos);
  }
  CHECK(server->counters().malformed == rows.size());
  CHECK(server->counters().requests == 0);
}

TEST_CASE("a refusal reaches a client that is still sending its body", "[http][server]") {
  const auto server = serve({.limits = {.body_bytes = 10}});
  auto c = raw::socket::connect(server->port());
  // The server goes on reading for a while: closing on unread bytes would reset the connection.
  CHECK(c.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3000000\r\n\r\n"));
  CHECK(c.send(std::string(3'000'000, 'x')));
  CHECK(status_of(c.read_all()) == "HTTP/1.1 413 Content Too Large");
}

TEST_CASE("HEAD is answered without a body", "[http][server]") {
  const auto server = serve();
  auto c = raw::socket::connect(server->port());
  c.send("HEAD /a HTTP/1.1\r\nHost: localhost\r\n\r\n" + get);
  const auto head = c.read_through("\r\n\r\n");
  CHECK(head.find("Content-Length: 10") != std::string::npos);
  CHECK(c.read_response().ends_with("GET /a []"));
}

TEST_CASE("HEAD is answered without a body also by what the server says itself", "[http][server]") {
  const auto server = serve({.limits = {.header_bytes = 1024, .header_count = 3, .body_bytes = 10}, .max_connections = 1});
  const std::vector<std::pair<std::string, std::string>> rows{
      {"Host: evil.example\r\n\r\n", "421"},
      {"Host: localhost\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n", "431"},
      {"Host: localhost\r\nContent-Length: 100\r\n\r\n", "413"},
      {"Host: localhost\r\nExpect: miracles\r\n\r\n", "417"},
      {"\r\n", "400"},
      {"Host: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400"},
      {"Host: localhost\r\nConnection: close\r\n\r\n", "500"},
  };
  for (const auto& [fields, status] : rows) {
    INFO(fields);
    auto c = raw::socket::connect(server->port());
    c.send("HEAD " + std::string{status == "500" ? "/boom" : "/a"} + " HTTP/1.1\r\n" + fields);
    c.finish();
    const auto all = c.read_all();
    CHECK(all.substr(9, 3) == status);
    CHECK(all.ends_with("\r\n\r\n"));
    CHECK(all.find("Content-Length: 0\r\n") == std::string::npos);
    REQUIRE(soon([&] { return server->counters().connections_open == 0; }));  // there is room for one
  }
  if (over_tls()) return;  // connections without room are not answered
  auto only = raw::socket::connect(server->port());
  only.send(get);
  only.read_response();
  auto refused = raw::socket::connect(server->port());
  refused.send("HEAD /a HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto all = refused.read_all();
  CHECK(status_of(all) == "HTTP/1.1 503 Service Unavailable");
  CHECK(all.ends_with("\r\n\r\n"));
}

TEST_CASE("HEAD is answered without a body also when its first line is refused", "[http][server]") {
  const auto server = serve({.limits = {.header_bytes = 1024, .target_bytes = 100}});
  const std::vector<std::pair<std::string, std::string>> rows{
      {"HEAD / HTTP/3.0\r\n\r\n", "505"},
      {"HEAD /\x01 HTTP/1.1\r\n\r\n", "400"},
      {"HEAD /", "400"},
      {"HEAD /" + std::string(200, 'a') + " HTTP/1.1\r\nHost: localhost\r\n\r\n", "414"},
      {"HEAD /" + std::string(2000, 'a'), "414"},
  };
  for (const auto& [bytes, status] : rows) {
    INFO(bytes);
    auto c = raw::socket::connect(server->port());
    c.send(bytes);
    c.finish();
    const auto all = c.read_all();
    CHECK(all.substr(9, 3) == status);
    CHECK(all.ends_with("\r\n\r\n"));
  }
}

TEST_CASE("a host that is not ours is answered 421, and the connection goes on", "[http][server]") {
  const auto server = serve({.allowed_hosts = {"shop.example"}});
  auto c = raw::socket::connect(server->port());
  const std::string scheme = over_tls() ? "https" : "http";
  for (const std::string& evil : {std::string{"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"},
                                  std::string{"POST / HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 2\r\n\r\nhi"},
                                  "GET " + scheme + "://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
                                  std::string{"OPTIONS * HTTP/1.1\r\nHost: evil.example\r\n\r\n"}}) {
    c.send(evil);
    CHECK(status_of(c.read_response()) == "HTTP/1.1 421 Misdirected Request");
  }
  CHECK(server->counters().misdirected == 4);
  c.send("GET /a HTTP/1.1\r\nHost: shop.example\r\n\r\n");
  CHECK(c.read_response().ends_with("GET /a []"));
}

TEST_CASE("the host of each request of a connection is looked at, also after one that was ours", "[http][server]") {
  const auto server = serve({.allowed_hosts = {"shop.example"}});
  for (const auto& [host, status] : std::vector<std::pair<std::string, std::string>>{
           {"evil.example", "421"}, {"shop.example.evil.example", "421"}, {"shop.example:99999", "400"}, {"", "200"}}) {
    INFO(host);
    auto c = raw::socket::connect(server->port());
    for (int i = 0; i < 2; ++i) {
      c.send("GET /a HTTP/1.1\r\nHost: shop.example\r\n\r\n");
      CHECK(c.read_response().ends_with("GET /a []"));
    }
    c.send("GET /a HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    CHECK(c.read_response().substr(9, 3) == status);
    if (status == "400") continue;  // the connection is closed
    c.send("GET /a HTTP/1.1\r\nHost: shop.example\r\n\r\n");
    CHECK(c.read_response().ends_with("GET /a []"));
  }
}

TEST_CASE("OPTIONS * is answered with the methods there are", "[http][server]") {
  const auto server = serve({.methods = "GET, HEAD, OPTIONS"});
  auto c = raw::socket::connect(server->port());
  c.send("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n" + get);
  const auto answer = c.read_through("\r\n\r\n");
  CHECK(status_of(answer) == "HTTP/1.1 204 No Content");
  CHECK(answer.find("Allow: GET, HEAD, OPTIONS\r\n") != std::string::npos);
  CHECK(c.read_response().ends_with("GET /a []"));
}

TEST_CASE("a chunk size that can not become right is refused at once", "[http][server]") {
  const auto server = serve({.body_timeout = std::chrono::hours{1}});
  for (const auto* size : {"zz", "-1", "+5", " 5", "0x5", "5 5", "fffffffffffffffff", ";x", "5\n", "\r", "3\r\nabcd", "3\r\nabc\r5", "3\r\nabc\r\nz"}) {
    INFO(size);
    auto c = raw::socket::connect(server->port());
    c.send("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string{size});
    CHECK(status_of(c.read_all()) == "HTTP/1.1 400 Bad Request");
  }
}

TEST_CASE("a client that waits for 100 Continue gets it before the answer", "[http][server]") {
  const auto server = serve();
  auto c = raw::socket::connect(server->port());
  c.send("POST /b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  CHECK(c.read_through("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  c.send("hi");
  CHECK(c.read_response().ends_with("POST /b [hi]"));
}

TEST_CASE("a client that waits for 100 Continue is told at once what its head alone decides", "[http][server]") {
  const auto server = serve({.by_head = [](const http_request& head) -> std::optional<http_response> {
    if (head.path != std::vector<std::string>{"nope"}) return {};
    return http_response::problem(error{code::not_found, "there is no " + head.target});
  }});
  const std::string expects = "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n";
  auto refused = raw::socket::connect(server->port());
  refused.send("PUT /nope HTTP/1.1\r\nHost: localhost\r\n" + expects);
  const auto answer = refused.read_all();
  CHECK(status_of(answer) == "HTTP/1.1 404 Not Found");
  CHECK(answer.find("Connection: close\r\n") != std::string::npos);
  CHECK(answer.find("there is no /nope") != std::string::npos);
  CHECK(server->counters().requests == 0);
  auto misdirected = raw::socket::connect(server->port());
  misdirected.send("PUT /b HTTP/1.1\r\nHost: evil.example\r\n" + expects);
  CHECK(status_of(misdirected.read_all()) == "HTTP/1.1 421 Misdirected Request");
  CHECK(server->counters().misdirected == 1);
  auto taken = raw::socket::connect(server->port());
  taken.send("PUT /b HTTP/1.1\r\nHost: localhost\r\n" + expects);
  CHECK(taken.read_through("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  taken.send("hi");
  CHECK(taken.read_response().ends_with("PUT /b [hi]"));
}

TEST_CASE("HTTP/1.0 and Connection: close end the connection", "[http][server]") {
  const auto server = serve();
  for (const std::string request : {"GET /a HTTP/1.0\r\n\r\n", "GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"}) {
    auto c = raw::socket::connect(server->port());
    c.send(request);
    const auto all = c.read_all();
    CHECK(all.find("Connection: close") != std::string::npos);
    CHECK(all.ends_with("GET /a []"));
  }
  auto kept = raw::socket::connect(server->port());
  kept.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(kept.read_response().find("Connection: keep-alive\r\n") != std::string::npos);  // or the client waits for the end
  kept.send(get);
  CHECK(kept.read_response().ends_with("GET /a []"));
}

TEST_CASE("a connection ends after its share of requests", "[http][server]") {
  const auto server = serve({.max_requests_per_connection = 2});
  auto c = raw::socket::connect(server->port());
  c.send(get + get + get);
  CHECK(c.read_response().find("Connection: close") == std::string::npos);
  CHECK(c.read_response().find("Connection: close") != std::string::npos);
  CHECK(c.read_all().empty());
}

TEST_CASE("an error, an exception, a dropped completion and an unsayable answer are problems", "[http][server]") {
  const auto server = serve();
  auto c = raw::socket::connect(server->port());
  const auto ask = [&](const std::string& target) {
    c.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    return c.read_response();
  };
  const auto refused = ask("/refuse");
  CHECK(status_of(refused) == "HTTP/1.1 422 Unprocessable Content");
  CHECK(refused.find("\"reason\":\"rule\"") != std::string::npos);
  CHECK(status_of(ask("/boom")) == "HTTP/1.1 500 Internal Server Error");
  CHECK(status_of(ask("/drop")) == "HTTP/1.1 503 Service Unavailable");
  CHECK(status_of(ask("/bad")) == "HTTP/1.1 500 Internal Server Error");
  CHECK(status_of(ask("/fine")) == "HTTP/1.1 200 OK");
  CHECK(server->counters().handler_failures == 2);
  CHECK(server->counters().requests_in_flight == 0);
}

TEST_CASE("an answer may come from another thread, and after the server is gone", "[http][server]") {
  std::promise<completion<http_response>> first;
  std::promise<completion<http_response>> second;
  auto server =
      serve({}, [&](http_request r, completion<http_response> done) { (r.target == "/a" ? first : second).set_value(std::move(done)); });
  auto c = raw::socket::connect(server->port());
  c.send(get);
  auto answer = first.get_future().get();
  answer(http_response::text("late but good"));
  CHECK(c.read_response().ends_with("late but good"));
  c.send("GET /b HTTP/1.1\r\nHost: localhost\r\n\r\n");
  auto orphan = second.get_future().get();
  server.reset();
  orphan(http_response::text("nobody listens"));
  CHECK(c.read_all().empty());
}

TEST_CASE("a large answer arrives whole", "[http][server]") {
  const std::string large(5'000'000, 'z');
  const auto server = serve({}, [&](http_request, completion<http_response> done) { done(http_response::text(large)); });
  auto c = raw::socket::connect(server->port());
  c.send(get);
  const auto r = c.read_response();
  CHECK(r.size() > large.size());
  CHECK(r.ends_with(large));
}

TEST_CASE("several I/O threads and several servers work side by side", "[http][server]") {
  const auto one = serve({.io_threads = 3, .busy_poll = std::chrono::microseconds{100}});
  const auto two = serve();
  REQUIRE(one->port() != two->port());
  std::vector<raw::socket> clients;
  for (int i = 0; i < 9; ++i) clients.push_back(raw::socket::connect(i % 3 == 2 ? two->port() : one->port()));
  for (auto& c : clients) c.send(get);
  for (auto& c : clients) CHECK(c.read_response().ends_with("GET /a []"));
  CHECK(one->counters().requests == 6);
  CHECK(two->counters().requests == 3);
}

TEST_CASE("a port that is taken is a clear error", "[http][server]") {
  const auto first = serve();
  const auto second = http_server::start({.port = first->port()}, echo);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == code::conflict);
  CHECK(second.error().reason == "port_taken");
  CHECK(second.error().field == "port");
}

TEST_CASE("an address that others can reach must be allowed by name", "[http][server]") {
  for (const auto* address : {"0.0.0.0", "::", "192.0.2.1"}) {
    const auto refused = http_server::start({.address = address}, echo);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == code::invalid_argument);
    CHECK(refused.error().field == "address");
    CHECK(refused.error().message.find("allow_plaintext_elsewhere") != std::string::npos);
  }
  CHECK(http_server::start({.address = "0.0.0.0", .allow_plaintext_elsewhere = true}, echo));
  CHECK(http_server::start({.address = "localhost"}, echo));
  CHECK(http_server::start({.address = "192.0.2.1", .allow_plaintext_elsewhere = true}, echo).error().field == "address");
  CHECK(http_server::start({.address = "not an address"}, echo).error().field == "address");
}

TEST_CASE("options that can not work are refused by name", "[http][server]") {
  CHECK(http_server::start({.io_threads = 0}, echo).error().field == "io_threads");
  CHECK(http_server::start({.busy_poll = std::chrono::milliseconds{2}}, echo).error().field == "busy_poll");
  CHECK(http_server::start({.max_connections = 0}, echo).error().field == "max_connections");
  CHECK(http_server::start({.idle_timeout = 0s}, echo).error().field == "idle_timeout");
  CHECK(http_server::start({.limits = {.header_bytes = 10}}, echo).error().field == "limits.header_bytes");
  CHECK(http_server::start({}, nullptr).error().field == "handler");
}
