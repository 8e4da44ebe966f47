#include <banyan/http/request_rules.hpp>

#include <catch2/catch.hpp>

using namespace banyan;

namespace {

http_request a_request(std::string method, header_list headers, std::string body = {}) {
  http_request r;
  r.method = std::move(method);
  r.target = "/orders";
  r.authority = "127.0.0.1:8080";
  r.headers = std::move(headers);
  r.body = std::move(body);
  return r;
}

int status_of(const http_request& r, const request_rules& rules = {}) {
  const auto refusal = refuse(r, rules);
  if (refusal) CHECK(refusal->headers.get("Content-Type").starts_with("application/problem+json"));
  return refusal ? refusal->status : 0;
}

int with_type(std::string type) { return status_of(a_request("POST", {{"Content-Type", std::move(type)}}, "{}")); }
int with_origin(std::string origin, std::string method = "POST") {
  return status_of(a_request(std::move(method), {{"Origin", std::move(origin)}}));
}
int from_site(std::string site, std::string method = "POST") {
  return status_of(a_request(std::move(method), {{"Sec-Fetch-Site", std::move(site)}}));
}

}  // namespace

TEST_CASE("a body is JSON in UTF-8, and says so", "[http][rules]") {
  for (auto* good :
       {"application/json", "Application/JSON", "application/json;charset=utf-8", "application/json ; Charset=\"UTF-8\"",
        "application/json; charset=utf-8; version=1", "application/json;", "application/merge-patch+json", " application/json ",
        "application/vnd.shop.order+json; profile=\"a;b\\\"c\"", "application/json; profile=\"charset=latin1\""}) {
    CAPTURE(good);
    CHECK(with_type(good) == 0);
  }
  for (auto* wrong : {"text/plain",
                      "application/x-www-form-urlencoded",
                      "multipart/form-data; boundary=x",
                      "text/json",
                      "application/xml",
                      "",
                      "json",
                      "application/",
                      "application/+json",
                      "application/json+xml",
                      "application/jsonp",
                      "application/json charset=utf-8",
                      "application/json; charset=latin1",
                      "application/json; charset=utf-16",
                      "application/json; charset=",
                      "application/json; charset=\"utf-8",
                      "application/json, text/plain",
                      "text/plain; application/json",
                      "application/json; charset=utf-8; charset=utf-7",
                      "*/*"}) {
    CAPTURE(wrong);
    CHECK(with_type(wrong) == 415);
  }
}

TEST_CASE("a body without a Content-Type, or with two, is refused on every method; no body needs none", "[http][rules]") {
  for (auto* method : {"POST", "PUT", "PATCH", "DELETE", "GET"}) {
    CAPTURE(method);
    CHECK(status_of(a_request(method, {}, "{}")) == 415);
    CHECK(status_of(a_request(method, {{"Content-Type", "application/json"}, {"Content-Type", "text/plain"}}, "{}")) == 415);
    CHECK(status_of(a_request(method, {})) == 0);
    CHECK(status_of(a_request(method, {{"Content-Type", "application/x-www-form-urlencoded"}})) == 0);  // curl -d ''
  }
  CHECK(refuse(a_request("POST", {}, "{}"), {})->headers.get("Accept") == "application/json");
}

TEST_CASE("of a head whose body is still to come, the type is judged as if it were there", "[http][rules]") {
  CHECK(refuse_head(a_request("POST", {}), {})->status == 415);
  CHECK(refuse_head(a_request("POST", {{"Content-Type", "text/plain"}}), {})->status == 415);
  CHECK(refuse_head(a_request("POST", {{"Content-Type", "application/json"}, {"Origin", "null"}}), {})->status == 403);
  CHECK(refuse_head(a_request("PUT", {{"Content-Type", "application/json"}, {"If-Match", "*"}}), {})->status == 412);
  CHECK_FALSE(refuse_head(a_request("POST", {{"Content-Type", "application/json"}}), {}));
}

TEST_CASE("a body that is encoded is refused, and the answer says which encoding is taken", "[http][rules]") {
  const auto encoded = [](std::string how) {
    return a_request("POST", {{"Content-Type", "application/json"}, {"Content-Encoding", std::move(how)}}, "{}");
  };
  for (auto* how : {"gzip", "br", "identity, gzip", "GZIP", ""}) {
    CAPTURE(how);
    REQUIRE(status_of(encoded(how)) == 415);
    CHECK(refuse(encoded(how), {})->headers.get("Accept-Encoding") == "identity");
  }
  CHECK(status_of(encoded("identity")) == 0);
  CHECK(status_of(encoded(" Identity ")) == 0);
  auto twice = encoded("identity");
  twice.headers.add("content-encoding", "deflate");
  CHECK(status_of(twice) == 415);
}

TEST_CASE("what would be done under a condition is not done, whatever the condition", "[http][rules]") {
  for (auto* name : {"If-Match", "if-none-match", "If-Unmodified-Since"})
    for (auto* value : {"*", "\"nope\"", "W/\"1\", \"2\"", "Sat, 29 Oct 1994 19:43:31 GMT", ""}) {
      CAPTURE(name, value);
      for (auto* method : {"POST", "PUT", "PATCH", "DELETE", "PURGE"}) CHECK(status_of(a_request(method, {{name, value}})) == 412);
      for (auto* method : {"GET", "HEAD", "OPTIONS"}) CHECK(status_of(a_request(method, {{name, value}})) == 0);
    }
  const auto refusal = refuse(a_request("PUT", {{"If-Match", "\"a\""}}), {});
  CHECK(refusal->body.find("\"status\":412") != std::string::npos);
  CHECK(refusal->body.find("precondition_not_offered") != std::string::npos);
  CHECK(refusal->body.find("\"field\":\"If-Match\"") != std::string::npos);
  CHECK(refusal->body.find("not_applied") != std::string::npos);
  // What would be refused without its condition is refused for that (RFC 9110, 13.2.1).
  CHECK(status_of(a_request("PUT", {{"If-None-Match", "*"}, {"Origin", "null"}})) == 403);
  CHECK(status_of(a_request("PUT", {{"If-None-Match", "*"}}, "{}")) == 415);
  CHECK(status_of(a_request("PUT", {{"If-None-Match", "*"}, {"Content-Range", "bytes 0-9/100"}})) == 400);
  for (auto* not_for_writes : {"If-Modified-Since", "If-Range", "If"}) CHECK(status_of(a_request("PUT", {{not_for_writes, "*"}})) == 0);
}

TEST_CASE("a part of a resource can not be put", "[http][rules]") {
  for (auto* range : {"bytes 0-9/100", "bytes */100", ""}) {
    CHECK(status_of(a_request("PUT", {{"content-range", range}, {"Content-Type", "application/json"}}, "{}")) == 400);
    for (auto* method : {"POST", "GET"}) CHECK(status_of(a_request(method, {{"Content-Range", range}})) == 0);
  }
}

TEST_CASE("a page of another origin can not change anything, but may read", "[http][rules]") {
  for (auto* foreign : {"http://evil.example", "null", "http://127.0.0.1:8081", "http://127.0.0.1", "https://127.0.0.1:8080",
                        "http://localhost:8080", "", "127.0.0.1:8080", "http://127.0.0.1:8080/", "http://evil@127.0.0.1:8080",
                        "http://127.0.0.1:8080.evil.example", "http://127.0.0.1:8080 http://evil.example", "file://"}) {
    CAPTURE(foreign);
    for (auto* method : {"POST", "PUT", "PATCH", "DELETE"}) CHECK(with_origin(foreign, method) == 403);
    for (auto* method : {"GET", "HEAD", "OPTIONS"}) CHECK(with_origin(foreign, method) == 0);
  }
  CHECK(with_origin("http://127.0.0.1:8080") == 0);
  CHECK(status_of(a_request("POST", {})) == 0);
  CHECK(status_of(a_request("POST", {{"Origin", "http://127.0.0.1:8080"}, {"Origin", "http://127.0.0.1:8080"}})) == 403);
}

TEST_CASE("our own origin is what Host says, in any case and with or without the port of its scheme", "[http][rules]") {
  auto r = a_request("POST", {{"Origin", "http://shop.example"}});
  for (auto* host : {"shop.example", "SHOP.example:80"}) {
    r.authority = host;
    CHECK(status_of(r) == 0);
  }
  for (auto* host : {"shop.example:8080", "", "example"}) {
    r.authority = host;
    CHECK(status_of(r) == 403);
  }
  r.headers.set("Origin", "http://[::1]:8080");
  r.authority = "[::1]:8080";
  CHECK(status_of(r) == 0);
}

TEST_CASE("what the browser says of the sender counts as well", "[http][rules]") {
  for (auto* site : {"cross-site", "same-site", "", "cross-origin", "Same-Origin"}) {
    CAPTURE(site);
    CHECK(from_site(site) == 403);
    CHECK(from_site(site, "GET") == 0);
  }
  for (auto* site : {"same-origin", "none"}) CHECK(from_site(site) == 0);
  CHECK(status_of(a_request("POST", {{"Origin", "http://127.0.0.1:8080"}, {"Sec-Fetch-Site", "cross-site"}})) == 403);
  CHECK(status_of(a_request("POST", {{"Origin", "http://evil.example"}, {"Sec-Fetch-Site", "same-origin"}})) == 403);
}

TEST_CASE("an origin that is allowed may send, and no other one that looks like it", "[http][rules]") {
  const request_rules rules{parse_origins("https://Shop.example:443 , http://localhost:3000").value()};
  CHECK(rules.allowed_origins == std::vector<std::string>{"https://shop.example", "http://localhost:3000"});
  const auto from = [&](std::string origin) {
    return status_of(a_request("POST", {{"Origin", origin}, {"Sec-Fetch-Site", "cross-site"}}), rules);
  };
  CHECK(from("https://shop.example") == 0);
  CHECK(from("http://localhost:3000") == 0);
  for (auto* other : {"http://shop.example", "https://shop.example:8443", "https://a.shop.example", "https://shop.example.evil", "null"})
    CHECK(from(other) == 403);
  CHECK(status_of(a_request("POST", {{"Origin", "https://shop.example"}}, "{}"), rules) == 415);
}

TEST_CASE("what is no origin can not be allowed", "[http][rules]") {
  CHECK(parse_origins("").value().empty());
  CHECK(parse_origins(" , ").value().empty());
  for (auto* wrong : {"null", "*", "shop.example", "https://shop.example/", "https://shop.example/page", "https://", "ftp://shop.example",
                      "https://a@shop.example", "https://shop.example:99999x"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_origins(wrong));
  }
}
