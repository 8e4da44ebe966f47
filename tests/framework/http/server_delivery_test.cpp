// Responses that a server sends badly on purpose.
#include <banyan/http/server.hpp>

#include <tests/framework/http/a_server.hpp>

#include <catch2/catch.hpp>

#include <cerrno>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

const std::string a_get = "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n";

std::unique_ptr<http_server> serve_by(http_delivery delivery, timespan spread_over = {}) {
  return test::serve({}, [=](const http_request&, completion<http_response> done) {
    auto r = http_response::text(std::string(1000, 'x'));
    r.delivery = delivery;
    r.spread_over = spread_over;
    done(std::move(r));
  });
}

}  // namespace

TEST_CASE("a request can be left without a response, its connection closed or reset", "[http][server]") {
  for (const auto delivery : {http_delivery::close, http_delivery::reset}) {
    const auto server = serve_by(delivery);
    auto c = raw::socket::connect(server->port());
    REQUIRE(c.send(a_get));
    pollfd p{c.fd(), POLLIN, 0};
    REQUIRE(::poll(&p, 1, static_cast<int>(raw::patience.count())) == 1);
    char byte = 0;
    const auto n = ::recv(c.fd(), &byte, 1, 0);
    if (delivery == http_delivery::reset) {
      CHECK(n == -1);
      CHECK(errno == ECONNRESET);
    } else {
      CHECK(n == 0);
    }
    CHECK(server->counters().responses_2xx == 0);
    auto next = raw::socket::connect(server->port());  // the server goes on
    CHECK(next.send(a_get));
  }
}

TEST_CASE("a body can be sent slowly, and the connection is kept", "[http][server]") {
  const auto server = serve_by(http_delivery::slowly, 32ms);
  auto c = raw::socket::connect(server->port());
  for (int i = 0; i < 2; ++i) {
    c.send(a_get);
    CHECK(c.read_response().ends_with("\r\n\r\n" + std::string(1000, 'x')));
  }
  CHECK(server->counters().connections == 1);
}

TEST_CASE("a server is closed in the middle of a slow body", "[http][server]") {
  auto server = serve_by(http_delivery::slowly, 10min);
  auto c = raw::socket::connect(server->port());
  c.send(a_get);
  CHECK_FALSE(c.read_through("\r\n\r\n").empty());
  server.reset();
  CHECK(c.read_all().size() < 1000);
}
