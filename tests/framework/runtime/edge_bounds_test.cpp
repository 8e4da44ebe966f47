// What is under way at the edge is bounded: one slow service, one slow route or many who wait for a view do not take the place of others.
#include <tests/framework/runtime/edge_client.hpp>
#include <tests/framework/runtime/running_node.hpp>
#include <tests/framework/runtime/the_catalog.hpp>

#include <services/customers/service.hpp>

#include <banyan/core/json.hpp>
#include <banyan/journal/position_token.hpp>
#include <banyan/cqrs/projection.hpp>
#include <banyan/runtime/edge.hpp>

#include <catch2/catch.hpp>

#include <boost/json.hpp>

#include <map>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

const application& two_services() {
  static const application app{"catalog", {shop::catalog::describe(), shop::customers::describe()}};
  return app;
}

// Many requests at once, and how many of each status were answered so far.
struct crowd : test::edge_client {
  explicit crowd(const application& app) : edge_client{app} { settle(); }  // views are open
  void begin(int n, const std::string& method, const std::string& target, const std::string& body = {}, header_list headers = {}) {
    for (int i = 0; i < n; ++i) {
      http_request r;
      r.method = method;
      r.target = target + (method == "GET" ? "" : std::to_string(i));
      r.body = body;
      r.headers = headers;
      if (!body.empty()) r.headers.add("Content-Type", "application/json");
      world.request(std::move(r), [this](result<http_response> a) {
        ++answered[a ? a->status : 0];
        if (a && a->status == 503) last_refusal = std::move(*a);
      });
    }
  }
  std::map<int, int> answered;
  http_response last_refusal;
};

}  // namespace

TEST_CASE("a service that is slow is refused more requests than its share, and another one is not") {
  crowd c{two_services()};
  c.world.inject({.kind = fault_kind::slow_disk, .node = "catalog", .lasts = 10min, .times = 100'000});
  c.begin(600, "PUT", "/products/A", test::lantern);
  c.world.run_for(10ms);
  CHECK(c.answered == std::map<int, int>{{503, 600 - edge_options{}.max_per_service}});
  CHECK(c.last_refusal.headers.get("Retry-After") == "1");
  CHECK(parse_json(c.last_refusal.body).value().at("reason").as_string() == "overloaded");
  CHECK(c.send("GET", "/customers/ann").status == 404);
  CHECK(c.send("GET", "/openapi.json").status == 200);
  c.world.run_for(12s);  // beyond the deadline of all
  CHECK(c.answered[503] == 600 - edge_options{}.max_per_service);
  CHECK(c.send("GET", "/products/A1").status == 404);  // their places are free again
}

TEST_CASE("those who wait for a view have a bound of their own, and those who do not wait are served") {
  crowd c{two_services()};
  c.world.inject({.kind = fault_kind::slow_disk, .node = "catalog", .lasts = 1min, .times = 400});
  auto put = c.send("PUT", "/products/A1", test::lantern);
  REQUIRE(put.status == 200);
  c.begin(300, "GET", "/products/A1", {}, {{std::string{position_header}, std::string{put.headers.get(position_header)}}});
  c.world.run_for(10ms);
  CHECK(c.answered == std::map<int, int>{{503, 300 - edge_options{}.max_waiting}});
  CHECK(c.send("GET", "/products").status == 200);
  c.world.run_for(10s);
  CHECK(c.answered[200] + c.answered[504] == edge_options{}.max_waiting);
}

TEST_CASE("those who wait for a view that stands still take no place of requests that it does not answer, whatever these present") {
  const application app{"catalog", {shop::catalog::describe(), shop::customers::describe()}};
  for (auto& [item, spec] : app.services[0].all<projection_spec>())
    spec->apply = [](view_writer&, const recorded_event&) -> result<done> {
      throw view_error{error{code::exhausted, "the disk is full"}};
    };
  const auto position_of = [](const http_response& r) {
    return header_list{{std::string{position_header}, std::string{r.headers.get(position_header)}}};
  };
  crowd c{app};
  REQUIRE(c.send("PUT", "/customers/ann", R"({"name":"Ann"})").status == 200);
  const auto put = c.send("PUT", "/products/A1", test::lantern);
  REQUIRE(put.status == 200);
  c.begin(300, "GET", "/products/A1", {}, position_of(put));
  c.world.run_for(10ms);
  const std::map<int, int> only_refused{{503, 300 - edge_options{}.max_waiting}};
  CHECK(c.answered == only_refused);
  CHECK(c.send("GET", "/customers/ann", {}, position_of(put)).status == 200);
  const auto changed = c.send("PUT", "/customers/bob", R"({"name":"Bob"})", position_of(put));
  CHECK(changed.status == 200);
  CHECK(c.send("GET", "/customers/bob", {}, position_of(changed)).status == 200);
  CHECK(c.answered == only_refused);  // the others still wait
}

TEST_CASE("a crowd that presents a position far beyond the head is refused, and waits for nothing") {
  crowd c{two_services()};
  auto put = c.send("PUT", "/products/A1", test::lantern);
  c.settle();
  auto token = parse_position_token(put.headers.get(position_header)).value();
  token.positions[0].at += 1'000'000;
  c.begin(1'100, "GET", "/products/A1", {}, {{std::string{position_header}, to_string(token)}});
  CHECK(c.send("GET", "/products/A1").status == 200);
  c.world.run_for(100ms);
  CHECK(c.answered[409] + c.answered[503] == 1'100);
  CHECK(c.answered[409] >= edge_options{}.max_waiting);
}

TEST_CASE("a route may have a bound of its own, which does not hold for the others of its service") {
  static application app{"catalog", {shop::catalog::describe()}};
  auto* bound = find_option(app, "catalog.http_route.put_product.max_in_flight");
  REQUIRE(bound);
  REQUIRE(bound->set("3", "test"));
  crowd c{app};
  c.world.inject({.kind = fault_kind::slow_disk, .node = "catalog", .lasts = 1min, .times = 400});
  c.begin(5, "PUT", "/products/A", test::lantern);
  c.world.run_for(10ms);
  CHECK(c.answered == std::map<int, int>{{503, 2}});
  CHECK(c.send("GET", "/products").status == 200);
  c.world.run_for(10s);
  CHECK(c.answered[503] == 2);
  CHECK(c.answered[200] + c.answered[504] == 3);
}

TEST_CASE("what the edge answers at once is known before it is handled") {
  test::running_node running{two_services()};
  edge front{two_services(), *running.node, {}};
  const auto at_once = [&](std::string method, std::string target, header_list headers = {}) {
    http_request r;
    r.method = std::move(method);
    r.target = std::move(target);
    r.headers = std::move(headers);
    REQUIRE(read_target(r));
    return front.answers_at_once(r);
  };
  CHECK(at_once("GET", "/openapi.json"));
  CHECK(at_once("HEAD", "/openapi.json"));
  CHECK(at_once("POST", "/openapi.json"));
  CHECK(at_once("GET", "/nowhere"));
  CHECK(at_once("DELETE", "/products/A1"));
  CHECK(at_once("OPTIONS", "*"));
  CHECK(at_once("PUT", "/products/A1", {{"Origin", "http://evil.example"}}));
  CHECK_FALSE(at_once("PUT", "/products/A1"));
  CHECK_FALSE(at_once("GET", "/products/A1"));
  CHECK_FALSE(at_once("GET", "/products", {{"Origin", "http://evil.example"}}));
}

TEST_CASE("what the head of a request decides is known before its body comes, and recorded") {
  test::running_node running{two_services()};
  edge front{two_services(), *running.node, {}};
  const auto by_head = [&](std::string method, std::string target, header_list headers) {
    http_request r;
    r.method = std::move(method);
    r.target = std::move(target);
    r.headers = std::move(headers);
    REQUIRE(read_target(r));
    const auto answer = front.answer_by_head(r);
    if (answer) CHECK(answer->headers.find("traceparent"));
    return answer ? answer->status : 0;
  };
  const header_list json{{"Content-Type", "application/json"}};
  CHECK(by_head("PUT", "/nowhere", json) == 404);
  CHECK(by_head("DELETE", "/products/A1", json) == 405);
  CHECK(by_head("PUT", "/products/A1", {{"Content-Type", "text/plain"}}) == 415);
  CHECK(by_head("PUT", "/products/A1", {}) == 415);
  CHECK(by_head("PUT", "/products/A1", {{"Content-Type", "application/json"}, {"Origin", "http://evil.example"}}) == 403);
  CHECK(by_head("PUT", "/products/A1", {{"Content-Type", "application/json"}, {"If-None-Match", "*"}}) == 412);
  CHECK(by_head("PUT", "/products/A1", {{"Content-Type", "application/json"}, {"X-Banyan-Position", "latest"}}) == 400);
  CHECK(by_head("PUT", "/products/A1", json) == 0);
  CHECK(by_head("GET", "/openapi.json", json) == 0);
  CHECK(running.node->metrics().text().find("banyan_http_request_seconds_count{route=\"none\",status=\"4xx\"} 2") != std::string::npos);
}
