#include <banyan/http/wire.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace std::chrono;

namespace {
constexpr std::string_view date = "Sun, 06 Nov 1994 08:49:37 GMT";
}

TEST_CASE("a response header frames the message itself", "[http]") {
  http_response r{
      200, {{"Content-Type", "text/plain"}, {"Content-Length", "999"}, {"Transfer-Encoding", "chunked"}, {"connection", "x"}}, "hello"};
  CHECK(*response_head(r, {.date = date}) ==
        "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\n");
  CHECK(response_head(r, {.keep_alive = false, .date = date})->find("Connection: close\r\n") != std::string::npos);
}

TEST_CASE("a response without a body tells no length", "[http]") {
  for (const int status : {204, 304}) {
    CHECK(response_head({status, {}, "ignored"}, {.date = date})->find("Content-Length") == std::string::npos);
    CHECK_FALSE(may_have_body(status));
  }
}

TEST_CASE("the answer to HEAD tells the length of the body that GET would have", "[http]") {
  CHECK(response_head({200, {}, "hello"}, {.to_head = true, .date = date})->find("Content-Length: 5\r\n") != std::string::npos);
  CHECK(response_head({200, {{"Content-Length", "77"}}, ""}, {.to_head = true, .date = date})->find("Content-Length: 77\r\n") !=
        std::string::npos);
  CHECK(response_head({200, {{"Content-Length", "7\r\nX: y"}}, ""}, {.to_head = true, .date = date})->find("X: y") == std::string::npos);
}

TEST_CASE("a response that can not be said is a defect", "[http]") {
  CHECK(response_head({200, {{"X", "a\r\nSet-Cookie: b"}}, ""}, {.date = date}).error().code == code::internal);
  CHECK(response_head({200, {{"", "a"}}, ""}, {.date = date}).error().code == code::internal);
  CHECK(response_head({200, {{"X Y", "a"}}, ""}, {.date = date}).error().code == code::internal);
  CHECK(response_head({101, {}, ""}, {.date = date}).error().code == code::internal);
  CHECK(response_head({700, {}, ""}, {.date = date}).error().code == code::internal);
}

TEST_CASE("a request header names the host and the length", "[http]") {
  http_request r;
  r.method = "POST";
  r.target = "/a?b";
  r.authority = "h:1";
  CHECK(*request_head(r) == "POST /a?b HTTP/1.1\r\nHost: h:1\r\nContent-Length: 0\r\n\r\n");
  r.headers.add("Host", "other");
  CHECK(request_head(r)->find("Host: other\r\n") != std::string::npos);
  CHECK(request_head(r)->find("h:1") == std::string::npos);
}

TEST_CASE("a request that would be read as two is refused", "[http]") {
  http_request r;
  r.authority = "h";
  r.target = "/a HTTP/1.1\r\nX: y";
  CHECK(request_head(r).error().field == "target");
  r.target = "/";
  r.method = "GET /x";
  CHECK(request_head(r).error().field == "method");
  r.method = "GET";
  r.headers.add("X", "a\nb");
  CHECK(request_head(r).error().field == "headers");
  r.headers = {};
  r.authority = "h\r\nX: y";
  CHECK(request_head(r).error().field == "authority");
}

TEST_CASE("dates are written as HTTP wants them", "[http]") {
  CHECK(to_http_date(instant{sys_days{1994y / November / 6} + 8h + 49min + 37s}) == date);
  CHECK(to_http_date(instant{}) == "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST_CASE("a connection that stays open says so to HTTP/1.0 only", "[http]") {
  const auto head = [](bool keep_alive, bool to_v1_0) {
    return *response_head(http_response::text("x"), {.keep_alive = keep_alive, .to_v1_0 = to_v1_0, .date = date});
  };
  CHECK(head(true, true).find("Connection: keep-alive\r\n") != std::string::npos);
  CHECK(head(true, false).find("Connection") == std::string::npos);
  CHECK(head(false, true).find("Connection: close\r\n") != std::string::npos);
}
