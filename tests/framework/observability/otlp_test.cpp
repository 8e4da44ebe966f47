// Encoded requests, judged by a checker that was written from the specification (otlp_check.py).
#include <banyan/observability/otlp.hpp>
#include <banyan/observability/tracer.hpp>

#include <boost/json.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>

#include <sys/wait.h>
#include <unistd.h>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

const instant begun{1'700'000'000s};

otlp_resource a_resource() {
  return make_resource("shop", "7f0e", "0.1.0",
                       {{"deployment.environment.name", std::string{"test"}}, {"zone", std::int64_t{3}}});
}

span a_span() {
  span s;
  s.self = {0x4bf92f3577b34da6, 0xa3ce929d0e0e4736, 0x00f067aa0ba902b7, true};
  s.parent = 0x1;
  s.parent_is_remote = true;
  s.name = "GET /orders/{id}";
  s.kind = span_kind::server;
  s.begun = begun + 1ns;
  s.ended = begun + 2ms;
  s.attributes = {{"url.path", std::string{"/orders/\"1\"\n\xff"}},
                  {"http.response.status_code", std::int64_t{503}},
                  {"large", std::numeric_limits<std::int64_t>::min()},
                  {"share", 0.1},
                  {"nan", std::nan("")},
                  {"infinite", -std::numeric_limits<double>::infinity()},
                  {"flag", false}};
  s.events = {{begun + 1ms, "sent"}};
  s.links = {{1, 2, 3, true}};
  s.status = span_status::error;
  s.message = "gone";
  s.trace_state = std::make_shared<const std::string>("rojo=1");
  s.dropped_attributes = 1;
  s.dropped_events = 2;
  s.dropped_links = 3;
  return s;
}

// Whether the checker finds nothing wrong.
bool is_sound(const std::string& body) {
  const auto file = std::filesystem::temp_directory_path() / ("otlp-" + std::to_string(::getpid()) + ".json");
  std::ofstream{file, std::ios::binary} << body;
  const auto command = std::string{"python3 -B " OTLP_CHECK " "} + file.string();
  const auto status = std::system(command.c_str());
  std::filesystem::remove(file);
  REQUIRE(WIFEXITED(status));
  REQUIRE((WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 1));
  return WEXITSTATUS(status) == 0;
}

std::string with(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != text.npos);
  return text.replace(at, from.size(), to);
}

std::string some_metrics() {
  metrics_registry m;
  m.counter("placed_total", "Orders\nplaced.", {{"service", "orders"}}).add(3);
  m.counter("placed_total", "Orders placed.", {{"service", "other"}});
  m.gauge("queue_bytes", "Waiting.").set(-1.5);
  m.gauge("odd", "Not a number.").set(std::nan(""));
  auto h = m.histogram("took_seconds", "From here to there.", {}, {0.1, 1});
  for (const double x : {0.05, 0.1, 0.5, 7.0}) h.observe(x);
  return encode_metrics(a_resource(), m.read(), begun, begun + 1s);
}

}  // namespace

TEST_CASE("spans are encoded by the OTLP JSON rules") {
  auto plain = a_span();
  plain = {};
  plain.self = {1, 1, 1, true};
  plain.name = "first";
  plain.begun = plain.ended = begun;
  const auto body = encode_traces(a_resource(), {a_span(), plain});
  INFO(body);
  CHECK(is_sound(body));
  const auto spans = boost::json::parse(body).at_pointer("/resourceSpans/0/scopeSpans/0/spans").as_array();
  REQUIRE(spans.size() == 2);
  const auto& s = spans[0].as_object();
  CHECK(s.at("traceId") == "4bf92f3577b34da6a3ce929d0e0e4736");
  CHECK(s.at("spanId") == "00f067aa0ba902b7");
  CHECK(s.at("parentSpanId") == "0000000000000001");
  CHECK(s.at("traceState") == "rojo=1");
  CHECK(s.at("flags") == 0x301);
  CHECK(s.at("kind") == 2);
  CHECK(s.at("startTimeUnixNano") == "1700000000000000001");
  CHECK(s.at("endTimeUnixNano") == "1700000000002000000");
  CHECK(s.at("attributes").at(0).at("value").at("stringValue") == "/orders/\"1\"\n\xef\xbf\xbd");
  CHECK(s.at("attributes").at(1).at("value").at("intValue") == "503");
  CHECK(s.at("attributes").at(2).at("value").at("intValue") == "-9223372036854775808");
  CHECK(s.at("attributes").at(4).at("value").at("doubleValue") == "NaN");
  CHECK(s.at("attributes").at(5).at("value").at("doubleValue") == "-Infinity");
  CHECK(s.at("status").at("code") == 2);
  CHECK(s.at("droppedLinksCount") == 3);
  CHECK_FALSE(spans[1].as_object().contains("parentSpanId"));
  CHECK(spans[1].at("status").as_object().empty());
}

TEST_CASE("the resource says whose data it is, and users' attributes replace ours") {
  const auto r = make_resource("shop", "7f0e", "0.1.0", {{"service.name", std::string{"store"}}});
  std::map<std::string, attribute_value> all;
  for (const auto& a : r.attributes) CHECK(all.emplace(a.key, a.value).second);
  CHECK(std::get<std::string>(all.at("service.name")) == "store");
  CHECK(std::get<std::string>(all.at("telemetry.sdk.language")) == "cpp");
  CHECK(std::get<std::string>(all.at("telemetry.sdk.name")) == "banyan");
  CHECK(std::get<std::string>(all.at("service.instance.id")) == "7f0e");
}

TEST_CASE("metrics are encoded by the OTLP JSON rules, cumulative since the start") {
  const auto body = some_metrics();
  INFO(body);
  CHECK(is_sound(body));
  std::map<std::string, boost::json::value> metrics;
  const auto parsed = boost::json::parse(body);
  for (const auto& m : parsed.at_pointer("/resourceMetrics/0/scopeMetrics/0/metrics").as_array())
    metrics[std::string{m.at("name").as_string()}] = m;
  const auto& placed = metrics.at("placed_total").at("sum");
  CHECK(placed.at("isMonotonic") == true);
  CHECK(placed.at("aggregationTemporality") == 2);
  CHECK(placed.at("dataPoints").at(0).at("asInt") == "3");
  CHECK(placed.at("dataPoints").at(0).at("startTimeUnixNano") == "1700000000000000000");
  CHECK(placed.at("dataPoints").at(0).at("timeUnixNano") == "1700000001000000000");
  CHECK(metrics.at("placed_total").at("description") == "Orders\nplaced.");
  CHECK(metrics.at("queue_bytes").at("unit") == "By");
  CHECK(metrics.at("queue_bytes").at("gauge").at("dataPoints").at(0).at("asDouble") == -1.5);
  CHECK(metrics.at("took_seconds").at("unit") == "s");
  const auto& took = metrics.at("took_seconds").at("histogram").at("dataPoints").at(0);
  CHECK(took.at("count") == "4");
  CHECK(took.at("bucketCounts") == boost::json::array{"2", "1", "1"});
  CHECK(took.at("sum").to_number<double>() == Approx(7.65));
}

TEST_CASE("the checker refuses what breaks a rule, so that its yes means something") {
  const auto traces = encode_traces(a_resource(), {a_span()}), metrics = some_metrics();
  const std::string cases[][2] = {
      {R"("traceId":"4bf9)", R"("traceId":"4bg9)"},
      {R"("traceId":"4bf92f3577b34da6a3ce929d0e0e4736")", R"("traceId":"00000000000000000000000000000000")"},
      {R"("spanId":"00f067aa0ba902b7")", R"("spanId":"AAAA")"},
      {R"("kind":2)", R"("kind":"SPAN_KIND_SERVER")"},
      {R"("kind":2)", R"("kind":0)"},
      {R"("startTimeUnixNano":"1700000000000000001")", R"("startTimeUnixNano":1700000000000000001)"},
      {R"("endTimeUnixNano":"1700000000002000000")", R"("endTimeUnixNano":"5")"},
      {R"("intValue":"503")", R"("intValue":503)"},
      {R"("doubleValue":"NaN")", R"("doubleValue":NaN)"},
      {R"("parentSpanId")", R"("parent_span_id")"},
      {R"("code":2)", R"("code":3)"},
      {R"("key":"share")", R"("key":"nan")"},
      {R"("service.instance.id")", R"("service.instance")"},
  };
  for (const auto& [from, to] : cases) {
    CAPTURE(from, to);
    CHECK_FALSE(is_sound(with(traces, from, to)));
  }
  const std::string of_metrics[][2] = {
      {R"("asInt":"3")", R"("asInt":3)"},
      {R"("aggregationTemporality":2)", R"("aggregationTemporality":0)"},
      {R"("count":"4")", R"("count":"5")"},
      {R"("bucketCounts":["2",)", R"("bucketCounts":[)"},
      {R"("explicitBounds":[0.1,1])", R"("explicitBounds":[1,0.1])"},
      {R"("gauge")", R"("gauges")"},
  };
  for (const auto& [from, to] : of_metrics) {
    CAPTURE(from, to);
    CHECK_FALSE(is_sound(with(metrics, from, to)));
  }
  CHECK_FALSE(is_sound("{}"));
  CHECK_FALSE(is_sound("not JSON"));
}
