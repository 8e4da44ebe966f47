#include <banyan/http/route.hpp>

#include <catch2/catch.hpp>

#include <optional>
#include <random>
#include <set>

using namespace banyan;

namespace {

std::vector<std::string> split(std::string_view path) {
  http_request r;
  r.target = std::string{path};
  REQUIRE(read_target(r));
  return r.path;
}

// "2", or "2 id=7", or "405 GET, HEAD", or "404".
std::string found(const route_table& table, std::string_view method, std::string_view path) {
  const auto lookup = table.find(method, split(path));
  if (const auto* m = std::get_if<method_not_allowed>(&lookup)) return "405 " + m->allow;
  const auto* hit = std::get_if<route_match>(&lookup);
  if (!hit) return "404";
  auto text = std::to_string(hit->route);
  for (const auto& [name, value] : hit->captures) text += " " + name + "=" + value;
  return text;
}

}  // namespace

TEST_CASE("a literal beats a capture, a capture beats a rest", "[http][route]") {
  const route_table table{{"GET /orders", "POST /orders", "GET /orders/{id}", "GET /orders/recent", "GET /orders/{id}/lines/{line}",
                           "GET /", "GET /files/{path...}", "GET /files/{name}", "POST /orders/recent/{x}"}};
  REQUIRE(table.problems().empty());
  CHECK(found(table, "GET", "/") == "5");
  CHECK(found(table, "GET", "/orders") == "0");
  CHECK(found(table, "POST", "/orders") == "1");
  CHECK(found(table, "GET", "/orders/7") == "2 id=7");
  CHECK(found(table, "GET", "/orders/recent") == "3");
  CHECK(found(table, "GET", "/orders/Recent") == "2 id=Recent");
  CHECK(found(table, "GET", "/orders/7/lines/2") == "4 id=7 line=2");
  CHECK(found(table, "GET", "/orders/recent/lines/2") == "4 id=recent line=2");
  CHECK(found(table, "GET", "/files/a") == "7 name=a");
  CHECK(found(table, "GET", "/files/a/b/c") == "6 path=a/b/c");
  CHECK(found(table, "GET", "/files") == "404");
  CHECK(found(table, "GET", "/nothing") == "404");
}

TEST_CASE("one slash at the end is ignored, an empty segment never matches a capture", "[http][route]") {
  const route_table table{{"GET /a", "GET /b/{x}", "GET /c/{rest...}"}};
  CHECK(found(table, "GET", "/a/") == "0");
  CHECK(found(table, "GET", "/a//") == "404");
  CHECK(found(table, "GET", "/b/") == "404");
  CHECK(found(table, "GET", "/b/1/") == "1 x=1");
  CHECK(found(table, "GET", "/b//") == "404");
  CHECK(found(table, "GET", "/c/") == "404");
  CHECK(found(table, "GET", "/c/x/") == "2 rest=x");
}

TEST_CASE("a path with other methods is not allowed, and says which are", "[http][route]") {
  const route_table table{{"GET /a", "POST /a", "PUT /b", "HEAD /h", "DELETE /{x}"}};
  CHECK(found(table, "PATCH", "/a") == "405 DELETE, GET, HEAD, POST");
  CHECK(found(table, "GET", "/b") == "405 DELETE, PUT");
  CHECK(found(table, "get", "/b") == "405 DELETE, PUT");
  const auto response = to_response(method_not_allowed{"GET, HEAD"});
  CHECK(response.status == 405);
  CHECK(response.headers.get("allow") == "GET, HEAD");
  CHECK(to_response(no_such_path{}).status == 404);
}

TEST_CASE("HEAD is served by GET unless it has its own route", "[http][route]") {
  const route_table table{{"GET /a", "GET /b", "HEAD /b", "POST /c"}};
  CHECK(found(table, "HEAD", "/a") == "0");
  CHECK(found(table, "HEAD", "/b") == "2");
  CHECK(found(table, "HEAD", "/c") == "405 POST");
}

TEST_CASE("a method that only a wider pattern has falls back to it", "[http][route]") {
  const route_table table{{"POST /orders/search", "GET /orders/{id}"}};
  CHECK(found(table, "GET", "/orders/search") == "1 id=search");
}

TEST_CASE("a malformed pattern is reported with its place, the others work", "[http][route]") {
  const std::vector<std::string> bad{
      "/a",        "GET",          "GET a",         "get /a",     "GET  /a",  "GET /a/",  "GET //a", "GET /{}",    "GET /{1a}", "GET /{a}b",
      "GET /x{a}", "GET /{a}/{a}", "GET /{a...}/b", "GET /a?b=c", "GET /a b", "GET /%41", "GET /..", "GET /{a b}", " /a",       ""};
  for (const auto& pattern : bad) {
    INFO(pattern);
    const route_table table{{"GET /good", pattern}};
    REQUIRE(table.problems().size() == 1);
    CHECK(table.problems()[0].field == "routes[1]");
    CHECK(table.problems()[0].code == code::invalid_argument);
    CHECK(found(table, "GET", "/good") == "0");
  }
}

TEST_CASE("patterns that match the same requests are reported", "[http][route]") {
  const route_table table{{"GET /a/{x}", "GET /a/{y}", "POST /a/{y}", "GET /b", "GET /b"}};
  REQUIRE(table.problems().size() == 2);
  CHECK(table.problems()[0].field == "routes[1]");
  CHECK(table.problems()[0].code == code::conflict);
  CHECK(table.problems()[1].field == "routes[4]");
}

TEST_CASE("patterns of which neither is narrower are ambiguous", "[http][route]") {
  CHECK(route_table{{"GET /a/{x}", "GET /{y}/b"}}.problems().size() == 1);
  CHECK(route_table{{"GET /a/{x...}", "GET /{y}/b"}}.problems().size() == 1);
  CHECK(route_table{{"GET /a/{x}", "POST /{y}/b"}}.problems().empty());
  CHECK(route_table{{"GET /a/{x}", "GET /{y}/{z}"}}.problems().empty());
  CHECK(route_table{{"GET /a/{x}/c", "GET /{y}/b/d"}}.problems().empty());
  CHECK(route_table{{"GET /{x...}", "GET /a", "GET /{y}"}}.problems().empty());
}

TEST_CASE("a pattern prints as it was written", "[http][route]") {
  CHECK(route_pattern::parse("GET /orders/{id}/lines")->to_string() == "GET /orders/{id}/lines");
  CHECK(route_pattern::parse("GET /")->to_string() == "GET /");
}

namespace {

// The definition, without a tree: a pattern fits or not; of those that fit, the one that is narrower at the leftmost difference.
std::optional<std::size_t> by_definition(const std::vector<route_pattern>& patterns, std::string_view method,
                                         std::vector<std::string> path) {
  using kind = route_segment::kind;
  if (!path.empty() && path.back().empty()) path.pop_back();
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const auto& p = patterns[i];
    const bool rest = !p.segments.empty() && p.segments.back().is == kind::rest;
    bool fits = p.method == method && (rest ? path.size() >= p.segments.size() : path.size() == p.segments.size());
    for (std::size_t k = 0; fits && k < p.segments.size(); ++k)
      fits = p.segments[k].is == kind::literal ? p.segments[k].text == path[k] : !path[k].empty();
    if (!fits) continue;
    const auto kinds = [](const route_pattern& r) {
      std::vector<kind> out;
      for (const auto& s : r.segments) out.push_back(s.is);
      return out;
    };
    if (!best || kinds(p) < kinds(patterns[*best])) best = i;
  }
  return best;
}

}  // namespace

TEST_CASE("the table agrees with the definition on random tables and paths", "[http][route]") {
  std::mt19937 random{20260101};
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  const std::vector<std::string> words{"a", "b", "c"};
  std::size_t hits = 0;
  for (int round = 0; round < 400; ++round) {
    std::vector<std::string> texts;
    for (int i = 0; i < 12; ++i) {
      std::string text = pick(3) == 0 ? "POST " : "GET ";
      const int length = pick(4);
      if (length == 0) text += "/";
      for (int k = 0; k < length; ++k) {
        const int what = pick(6);
        text += what < 4                      ? "/" + words[static_cast<std::size_t>(pick(3))]
                : what == 4 || k + 1 < length ? "/{x" + std::to_string(k) + "}"
                                              : "/{r...}";
      }
      texts.push_back(text);
    }
    const route_table all{texts};
    std::set<std::string> rejected;
    for (const auto& p : all.problems()) rejected.insert(p.field);
    std::vector<std::string> kept;
    for (std::size_t i = 0; i < texts.size(); ++i)
      if (!rejected.contains("routes[" + std::to_string(i) + "]")) kept.push_back(texts[i]);
    const route_table table{kept};
    REQUIRE(table.problems().empty());
    std::vector<route_pattern> patterns;
    for (const auto& k : kept) patterns.push_back(*route_pattern::parse(k));
    for (int probe = 0; probe < 40; ++probe) {
      std::vector<std::string> path;
      for (int k = pick(5); k > 0; --k) path.push_back(pick(12) == 0 ? "" : words[static_cast<std::size_t>(pick(3))]);
      const std::string method = pick(3) == 0 ? "POST" : "GET";
      const auto expected = by_definition(patterns, method, path);
      const auto lookup = table.find(method, path);
      const auto* hit = std::get_if<route_match>(&lookup);
      REQUIRE((hit != nullptr) == expected.has_value());
      if (!hit) continue;
      ++hits;
      REQUIRE(hit->route == *expected);
    }
  }
  CHECK(hits > 1000);
}
