// The operations port of a running node, over a real socket.
#include <tests/framework/runtime/running_node.hpp>
#include <tests/framework/runtime/the_catalog.hpp>

#include <banyan/core/json.hpp>
#include <banyan/runtime/topology.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using banyan::test::the_catalog;
using banyan::test::lantern;
using namespace std::chrono_literals;

namespace {

// The value of one series; -1 when the page has none.
double value_of(const std::string& page, const std::string& series) {
  auto at = page.find("\n" + series + " ");
  return at == page.npos ? -1 : std::stod(page.substr(at + series.size() + 2));
}

}  // namespace

TEST_CASE("metrics tell how often and how long each route was answered, by range of status") {
  test::running_node n{the_catalog()};
  for (auto* sku : {"A1", "A2", "A3"}) REQUIRE(n.send("PUT", std::string{"/products/"} + sku, lantern).status == 200);
  n.send("PUT", "/products/A1", "{");
  n.send("GET", "/openapi.json");
  n.send("GET", "/nowhere/SECRET");
  auto page = n.operations("/metrics");
  CHECK(page.headers.get("Content-Type") == metrics_registry::media_type);
  CHECK(value_of(page.body, R"(banyan_http_request_seconds_count{route="PUT /products/{sku}",status="2xx"})") == 3);
  CHECK(value_of(page.body, R"(banyan_http_request_seconds_count{route="PUT /products/{sku}",status="4xx"})") == 1);
  CHECK(value_of(page.body, R"(banyan_http_request_seconds_sum{route="PUT /products/{sku}",status="2xx"})") > 0);
  CHECK(value_of(page.body, R"(banyan_http_request_seconds_count{route="file",status="2xx"})") == 1);
  CHECK(value_of(page.body, R"(banyan_http_request_seconds_count{route="none",status="4xx"})") == 1);
  CHECK(value_of(page.body, "banyan_http_requests_total") == 6);
  CHECK(page.body.find("SECRET") == page.body.npos);
}

TEST_CASE("metrics tell what became of commands and queries, and what the journal stored") {
  test::running_node n{the_catalog()};
  REQUIRE(n.send("PUT", "/products/A1", lantern).status == 200);
  REQUIRE(n.send("GET", "/products").status == 200);
  auto page = n.operations("/metrics").body;
  CHECK(value_of(page, R"(banyan_commands_total{aggregate="listing",outcome="accepted"})") == 1);
  CHECK(value_of(page, R"(banyan_command_seconds_count{aggregate="listing"})") == 1);
  CHECK(value_of(page, R"(banyan_query_seconds_count{view="product_search"})") == 1);
  CHECK(value_of(page, "banyan_journal_appends_total") == 1);
  CHECK(value_of(page, "banyan_journal_batches_total") == 1);
  CHECK(value_of(page, "banyan_journal_writable") == 1);
  CHECK(value_of(page, R"(banyan_projection_parked_streams{view="product_search"})") == 0);
  CHECK(value_of(page, "banyan_actor_crashes_total") == 0);
}

TEST_CASE("counters go on from one reading to the next") {
  test::running_node n{the_catalog()};
  n.send("PUT", "/products/A1", lantern);
  n.operations("/metrics");
  n.send("PUT", "/products/A2", lantern);
  auto page = n.operations("/metrics").body;
  CHECK(value_of(page, "banyan_journal_appends_total") == 2);
  CHECK(value_of(page, R"(banyan_http_responses_total{status="2xx"})") == 2);
}

TEST_CASE("the operations port reads only, and says what it has") {
  test::running_node n{the_catalog()};
  CHECK(n.operations("/nowhere").status == 404);
  CHECK(n.operations("POST", "/nowhere").status == 404);
  CHECK(n.operations("/metrics/more").status == 404);
  CHECK(parse_json(n.operations("/plan").body));
  for (auto* path : {"/healthz", "/readyz", "/metrics", "/topology", "/plan"}) {
    CAPTURE(path);
    for (auto* method : {"POST", "PUT", "DELETE", "PATCH", "TRACE"}) {
      auto refused = n.operations(method, path);
      CHECK(refused.status == 405);
      CHECK(refused.headers.get("Allow") == "GET, HEAD, OPTIONS");
    }
    auto options = n.operations("OPTIONS", path);
    CHECK(options.status == 204);
    CHECK(options.headers.get("Allow") == "GET, HEAD, OPTIONS");
    auto head = n.operations("HEAD", path);
    CHECK(head.status == n.operations(path).status);
    CHECK(head.body.empty());
  }
}

TEST_CASE("a file and the document take GET and HEAD, and say so") {
  test::running_node n{the_catalog()};
  for (auto* method : {"POST", "PUT", "DELETE"}) {
    auto refused = n.send(method, "/openapi.json");
    CHECK(refused.status == 405);
    CHECK(refused.headers.get("Allow") == "GET, HEAD, OPTIONS");
  }
  CHECK(n.send("DELETE", "/nowhere").status == 404);
}

TEST_CASE("the topology has every named actor, and reads as a tree") {
  test::running_node n{the_catalog()};
  // An actor is listed once it has started. A node waits for the parts of its services; an actor of the edge has
  // started when it has answered a request, and they take turns.
  for (int i = 0; i < edge_options{}.actors; ++i) REQUIRE(n.send("GET", "/products").status == 200);
  auto report = from_json<topology_report>(n.operations("/topology").body);
  REQUIRE(report);
  auto text = to_tree(*report);
  for (auto* part :
       {"─ catalog ", "│  ├─ shard.listing.* (16) ", "─ query.product_search.* (2) ", "─ projection.product_search ", "─ edge/* (8) "}) {
    CAPTURE(part, text);
    CHECK(text.find(part) != text.npos);
  }
}
