// The edge, seen by whoever operates it: the trace of a request, and its line in the log.
#include <tests/framework/observability/captured_log.hpp>
#include <tests/framework/runtime/edge_client.hpp>
#include <tests/framework/runtime/the_catalog.hpp>

#include <banyan/observability/trace.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using banyan::test::the_catalog;
using banyan::test::lantern;
using namespace std::chrono_literals;

namespace {

struct client : test::edge_client {
  client() : edge_client{the_catalog()} {}
};

const std::string callers_trace = "4bf92f3577b34da6a3ce929d0e0e4736", callers_step = "00f067aa0ba902b7";
const std::string callers = "00-" + callers_trace + "-" + callers_step + "-00";

std::string trace_of(const http_response& r) { return std::string{r.headers.get("traceparent")}; }

// The trace in the metadata of the journal's last event.
std::string stored_trace(client& c) {
  std::optional<std::string> found;
  c.world.journal().read_all({.after = 0, .limit = 1, .backwards = true},
                             [&](result<read_page> r) { found = r.value().events.at(0).metadata.trace; });
  while (!found && c.world.step()) {
  }
  return found.value();
}

}  // namespace

TEST_CASE("a request goes on with its caller's trace, in a step of its own, and the answer says so") {
  client c;
  auto answer = trace_of(c.send("PUT", "/products/A1", lantern, {{"traceparent", callers}}));
  REQUIRE(parse_traceparent(answer));
  CHECK(answer.substr(3, 32) == callers_trace);
  CHECK(answer.substr(36, 16) != callers_step);
  CHECK(answer.ends_with("-00"));
}

TEST_CASE("the trace travels with the messages, down to the events that follow") {
  client c;
  auto answer = trace_of(c.send("PUT", "/products/A1", lantern, {{"traceparent", callers}}));
  CHECK(stored_trace(c) == answer);
}

TEST_CASE("without a usable trace a new one begins, each time another") {
  client c;
  auto first = trace_of(c.send("GET", "/products"));
  REQUIRE(parse_traceparent(first));
  for (auto& given : {header_list{{"traceparent", "nonsense"}}, header_list{{"traceparent", ""}},
                      header_list{{"traceparent", callers}, {"traceparent", callers}}}) {
    auto other = trace_of(c.send("GET", "/products", {}, given));
    REQUIRE(parse_traceparent(other));
    CHECK(other.substr(3, 32) != first.substr(3, 32));
    CHECK(other.substr(3, 32) != callers_trace);
  }
}

TEST_CASE("every answer names its trace: errors, unknown paths and files too") {
  client c;
  for (auto& r : {c.send("GET", "/nowhere"), c.send("DELETE", "/products/A1"), c.send("PUT", "/products/A1", "{"),
                  c.send("GET", "/openapi.json"), c.send("GET", "/products/B2")}) {
    CAPTURE(r.status);
    CHECK(parse_traceparent(trace_of(r)));
  }
}

TEST_CASE("a request is one line of the log at level debug, with its route and not its path") {
  client c;
  test::captured_log log{log_level::debug};
  c.send("PUT", "/products/SECRET?stocked=true", lantern, {{"traceparent", callers}});
  auto text = log.text();
  CHECK(text.find("debug   edge: request answered method=PUT route=/products/{sku} status=200 took=") != text.npos);
  CHECK(text.ends_with(" trace=" + callers_trace + "\n"));
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
  CHECK_FALSE(log.has("SECRET"));
  CHECK_FALSE(log.has("lantern"));
}

TEST_CASE("only a request that fails on our side is worth a warning") {
  client c;
  test::captured_log log{log_level::warning};
  c.send("GET", "/nowhere");
  c.send("PUT", "/products/A1", "{");
  CHECK(log.text().empty());
  c.world.inject({.kind = fault_kind::slow_disk, .node = "catalog", .lasts = 10min, .times = 1'000'000});
  const header_list headers{{"traceparent", callers}, {"X-Banyan-Deadline-Ms", "300"}};
  CHECK(c.send("PUT", "/products/A1", lantern, headers).status == 504);
  CHECK(log.has("warning edge: request failed method=PUT route=/products/{sku} status=504 took="));
  CHECK(log.has("trace=" + callers_trace));
}

TEST_CASE("warnings of one route and status are folded into one a second, which says how many there were") {
  client c;
  c.settle();
  c.world.inject({.kind = fault_kind::slow_disk, .node = "catalog", .lasts = 10min, .times = 1'000'000});
  test::captured_log log{log_level::warning};
  const header_list soon{{"X-Banyan-Deadline-Ms", "20"}};
  for (int i = 0; i < 20; ++i) CHECK(c.send("PUT", "/products/A" + std::to_string(i), lantern, soon).status == 504);
  const auto lines = [&log] {
    const auto text = log.text();
    return std::count(text.begin(), text.end(), '\n');
  };
  CHECK(lines() == 1);  // within 20 x 20 ms
  c.world.run_for(2s);
  CHECK(c.send("GET", "/products").status == 200);  // whatever comes next tells them
  CHECK(log.has("more requests failed kind=\"504 PUT /products/{sku}\" held_back=19"));
  CHECK(lines() == 2);
}
