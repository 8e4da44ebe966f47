#include <banyan/http/message.hpp>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include <random>

using namespace banyan;

namespace {

result<http_request> reading(std::string target) {
  http_request r;
  r.target = std::move(target);
  if (auto read = read_target(r); !read) return read.error();
  return r;
}

using segments = std::vector<std::string>;

}  // namespace

// With a query Boost.URL reads the path.
TEST_CASE("a plain path is read as one that needs decoding", "[http]") {
  std::mt19937 random{11};
  const std::string_view characters = "//////ab09Z-_~!$&'()*+,;=:@";
  for (int n = 0; n < 20'000; ++n) {
    std::string target = n % 50 == 0 ? "" : "/";
    for (auto length = random() % 12; length > 0; --length) target += characters[random() % characters.size()];
    INFO(target);
    const auto alone = reading(target), with_query = reading(target + "?a=b");
    REQUIRE(alone.has_value() == with_query.has_value());
    if (alone) REQUIRE(alone->path == with_query->path);
  }
}

TEST_CASE("a target is split into decoded segments and parameters", "[http]") {
  CHECK(reading("/")->path == segments{});
  CHECK(reading("/orders")->path == segments{"orders"});
  CHECK(reading("/orders/")->path == segments{"orders", ""});
  CHECK(reading("/a//b")->path == segments{"a", "", "b"});
  CHECK(reading("/caf%C3%A9/a%20b")->path == segments{"caf\xc3\xa9", "a b"});
  const auto r = reading("/s?q=a+b%26c&empty=&bare&q=2");
  REQUIRE(r);
  REQUIRE(r->query.size() == 4);
  CHECK(*r->query_value("q") == "a b&c");
  CHECK(*r->query_value("empty") == "");
  CHECK(*r->query_value("bare") == "");
  CHECK(r->query_value("none") == nullptr);
}

TEST_CASE("a path that could climb, or hide a name, is refused", "[http]") {
  for (const std::string bad :
       {"/..",   "/a/../b", "/.",      "/%2e%2e/etc",  "/%2E./x",   "/a%2Fb",    "/a%5cb",        "/a%00b", "/a%0d%0ab",
        "/a%7f", "/%ff",    "/%c0%ae", "/?q=%ff",      "/%zz",      "/%4",       "/a b",          "/a\\b",  "/a#f",
        "",      "a",       "*",       "//host/x\x01", "ftp://h/x", "http:///x", "http://u:p@h/x", "http://h:65536/x", "http://h:-1/x"}) {
    INFO(bad);
    const auto r = reading(bad);
    REQUIRE_FALSE(r);
    CHECK(r.error().code == code::invalid_argument);
    CHECK(r.error().field == "target");
  }
}

TEST_CASE("a query with too many parameters is refused", "[http]") {
  std::string target = "/?";
  for (int i = 0; i < 256; ++i) target += "a&";
  CHECK_FALSE(reading(target));
}

TEST_CASE("a target in absolute form names its host", "[http]") {
  const auto r = reading("http://shop.example:81/a?b=c");
  REQUIRE(r);
  CHECK(r->authority == "shop.example:81");
  CHECK(r->path == segments{"a"});
}

TEST_CASE("a request to a URL keeps path and query as written", "[http]") {
  const auto r = request_to("GET", "http://127.0.0.1:8080/a%20b?x=%26#");
  CHECK_FALSE(r);  // a fragment never goes to a server
  const auto good = request_to("PUT", "http://[::1]:8080/a%20b?x=%26", "body");
  REQUIRE(good);
  CHECK(good->authority == "[::1]:8080");
  CHECK(good->target == "/a%20b?x=%26");
  CHECK(good->path == segments{"a b"});
  CHECK(good->body == "body");
  CHECK(request_to("GET", "http://host")->target == "/");
  CHECK(request_to("GET", "HTTP://host:80/a")->target == "/a");  // schemes have no case (RFC 3986, 3.1)
  CHECK(request_to("GET", "http://host?x=1")->target == "/?x=1");
  for (const auto* bad :
       {"ftp://host/", "host", "/path", "http://", "http://user@host/", "http://h/..", "file:///etc/passwd",
        "http://h:65536/", "http://127.0.0.1:99999", "http://h:4294967376/", "http://h:0/", "http://h:-1/"}) {
    INFO(bad);
    CHECK_FALSE(request_to("GET", bad));
  }
  CHECK(request_to("GET", "http://127.0.0.1:99999").error().field == "url");
  CHECK_FALSE(request_to("GE T", "http://host/"));
}

TEST_CASE("an error becomes a problem, and the client reads it back", "[http]") {
  const auto r = http_response::problem(error{code::exhausted, "slow down"}.because("rate").after(std::chrono::milliseconds{1500}));
  CHECK(r.status == 429);
  CHECK(r.headers.get("content-type") == "application/problem+json");
  CHECK(r.headers.get("retry-after") == "2");
  const auto back = succeeded(r);
  REQUIRE_FALSE(back);
  CHECK(back.error().code == code::exhausted);
  CHECK(back.error().reason == "rate");
  CHECK(back.error().retry_after == std::chrono::milliseconds{1500});
}

TEST_CASE("a status of HTTP's own is told in the problem too", "[http]") {
  const auto r = http_response::problem(error{code::invalid_argument, "too long"}, 414);
  CHECK(r.status == 414);
  const auto document = boost::json::parse(r.body);
  CHECK(document.at("status").as_int64() == 414);
  CHECK(document.at("title").as_string() == "URI Too Long");
  CHECK(document.at("detail").as_string() == "too long");
}

TEST_CASE("a success passes, a foreign failure is read from its status and Retry-After", "[http]") {
  CHECK(succeeded(http_response::text("ok", 201))->body == "ok");
  auto busy = http_response::text("<html>busy</html>", 503);
  busy.headers.add("Retry-After", "3");
  const auto r = succeeded(busy);
  REQUIRE_FALSE(r);
  CHECK(r.error().code == code::unavailable);
  CHECK(r.error().retry_after == std::chrono::seconds{3});
  busy.headers.set("Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT");
  CHECK_FALSE(succeeded(busy).error().retry_after);
}

TEST_CASE("JSON and text answers carry their type", "[http]") {
  CHECK(http_response::json({{"a", 1}}).body == R"({"a":1})");
  CHECK(http_response::json({{"a", 1}}, 201).status == 201);
  CHECK(http_response::json_text("[]").headers.get("content-type") == "application/json");
  CHECK(http_response::text("x").headers.get("content-type") == "text/plain; charset=utf-8");
}

TEST_CASE("only safe and idempotent methods may be repeated", "[http]") {
  CHECK(is_idempotent("GET"));
  CHECK(is_idempotent("DELETE"));
  CHECK_FALSE(is_idempotent("POST"));
  CHECK_FALSE(is_idempotent("PATCH"));
  CHECK_FALSE(is_idempotent("get"));
}
