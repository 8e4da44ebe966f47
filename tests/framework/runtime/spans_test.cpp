// The spans of a request of the sample shop, from the edge over its services and their journal to the subscription that
// fills the order.
#include <tests/framework/runtime/edge_client.hpp>
#include <tests/services/the_shop.hpp>

#include <banyan/observability/log.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <set>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

const std::string callers = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const std::string kite = R"({"name":"kite","price":{"minor":255,"currency":"GBP"}})";
const std::string an_order =
    R"({"id":"1","customer":"17850","lines":[{"line":1,"sku":"A","quantity":2},{"line":2,"sku":"B","quantity":1}]})";

struct client {
  explicit client(bool records = true, std::uint64_t seed = 1)
      : world{shop_test::the_shop(), {.seed = seed, .record_spans = records}} {
    configure_logging({.level = log_level::off});
  }

  http_response send(std::string method, std::string target, std::string body = {}, header_list headers = {}) {
    http_request r;
    r.method = std::move(method);
    r.target = std::move(target);
    r.headers = std::move(headers);
    r.body = std::move(body);
    if (!r.body.empty()) r.headers.add("Content-Type", "application/json");
    std::optional<result<http_response>> answer;
    world.request(std::move(r), [&](result<http_response> a) { answer = std::move(a); });
    while (!answer && world.step()) {
    }
    REQUIRE(answer);
    return answer->value();
  }
  void settle() { REQUIRE(world.run_until_idle(60s)); }

  // Two products with stock, and an order for them, filled.
  void order(const std::string& traceparent = callers) {
    for (const auto* sku : {"A", "B"}) {
      CHECK(send("PUT", std::string{"/products/"} + sku, kite).status == 200);
      CHECK(
          send("POST", std::string{"/stock/"} + sku + "/movements", R"({"id":"opening","kind":"opening","quantity":5})")
              .status < 300);
    }
    settle();
    world.spans();
    CHECK(send("POST", "/orders", an_order, {{"traceparent", traceparent}, {"tracestate", "rojo=1,congo=2"}}).status <
          300);
    settle();
  }
  simulation world;
};

class tree {
 public:
  explicit tree(const std::vector<span>& spans) {
    for (const auto& s : spans) {
      CHECK(by_id_.emplace(s.self.step, s).second);
      CHECK(s.ended >= s.begun);
    }
  }
  std::size_t size() const { return by_id_.size(); }
  // "POST /orders > orders checkout > ...": the names from the root to the span.
  std::string path(const span& s) const {
    const auto above = by_id_.find(s.parent);
    return (above == by_id_.end() ? std::string{} : path(above->second) + " > ") + s.name;
  }
  std::map<std::string, int> paths() const {
    std::map<std::string, int> all;
    for (const auto& [id, s] : by_id_) ++all[path(s)];
    return all;
  }
  const span& named(const std::string& name) const {
    const auto i = std::find_if(by_id_.begin(), by_id_.end(), [&](const auto& s) { return s.second.name == name; });
    REQUIRE(i != by_id_.end());
    return i->second;
  }
  std::size_t roots() const {
    return static_cast<std::size_t>(
        std::count_if(by_id_.begin(), by_id_.end(), [&](const auto& s) { return !by_id_.contains(s.second.parent); }));
  }
  const auto& all() const { return by_id_; }

 private:
  std::map<std::uint64_t, span> by_id_;
};

std::string text(const span& s, std::string_view key) {
  for (const auto& a : s.attributes)
    if (a.key == key) {
      if (const auto* t = std::get_if<std::string>(&a.value)) return *t;
      if (const auto* n = std::get_if<std::int64_t>(&a.value)) return std::to_string(*n);
    }
  return {};
}

}  // namespace

TEST_CASE("a checkout that a saga fills is one trace with right parents") {
  client c;
  c.order();
  const tree t{c.world.spans()};
  for (const auto& [id, s] : t.all()) {
    CAPTURE(s.name);
    CHECK(to_string(s.self).substr(3, 32) == callers.substr(3, 32));
  }
  CHECK(t.roots() == 1);
  const std::string placed = "POST /orders > orders checkout > order place_order";
  const std::string filled = placed + " > append orders > process orders.placed";
  const auto paths = t.paths();
  std::string found;
  for (const auto& [path, times] : paths) found += std::to_string(times) + " " + path + "\n";
  INFO(found);
  CHECK(paths.at("POST /orders") == 1);
  CHECK(paths.at("POST /orders > orders checkout") == 1);
  CHECK(paths.at(placed) == 1);
  CHECK(paths.at(placed + " > append orders") == 1);
  CHECK(paths.at(filled) == 1);
  CHECK(paths.at(filled + " > stock_item take_stock") == 2);  // one per line
  CHECK(paths.at(filled + " > stock_item take_stock > append inventory") == 2);
  // It is paid by a subscription to the event that asks for it. The saga and the subscription for older orders hear how
  // that ended; the steps of a saga have the parent of its start.
  const std::string paid = filled + " > payment charge > append payments > process payments.requested";
  CHECK(paths.at(paid) == 1);
  const auto charged = paid + " > payment record_charge > append payments > process payments.concluded";
  CHECK(paths.at(charged) == 2);
  CHECK(paths.at(filled + " > order confirm_order > append orders") == 1);
}

TEST_CASE("spans have the kinds and attributes of OpenTelemetry's conventions, and no query string") {
  client c;
  c.order();
  const tree t{c.world.spans()};
  const auto& server = t.named("POST /orders");
  CHECK(server.kind == span_kind::server);
  CHECK(server.parent == 0x00f067aa0ba902b7);
  CHECK(server.parent_is_remote);
  CHECK(text(server, "http.request.method") == "POST");
  CHECK(text(server, "http.route") == "/orders");
  CHECK(text(server, "url.path") == "/orders");
  CHECK(text(server, "http.response.status_code").starts_with("2"));
  CHECK(server.status == span_status::unset);
  REQUIRE(server.trace_state);
  CHECK(*server.trace_state == "rojo=1,congo=2");
  CHECK(t.named("append orders").kind == span_kind::producer);
  const auto& consumer = t.named("process orders.placed");
  CHECK(consumer.kind == span_kind::consumer);
  CHECK(text(consumer, "messaging.destination.name") == "orders.placed");
  CHECK(text(consumer, "messaging.operation.type") == "process");
  CHECK_FALSE(text(consumer, "messaging.consumer.group.name").empty());
  CHECK(text(t.named("orders checkout"), "banyan.service") == "orders");
  CHECK(text(t.named("order place_order"), "banyan.result") == "accepted");

  c.send("GET", "/products/A?secret=1");
  c.send("BREW", "/nowhere?secret=2");
  const tree more{c.world.spans()};
  CHECK(text(more.named("GET /products/{sku}"), "url.path") == "/products/A");
  const auto& nowhere = more.named("HTTP");
  CHECK(text(nowhere, "http.request.method") == "_OTHER");
  CHECK(text(nowhere, "http.request.method_original") == "BREW");
  CHECK(text(nowhere, "http.route").empty());
  for (const auto& [id, s] : more.all())
    for (const auto& a : s.attributes)
      if (const auto* value = std::get_if<std::string>(&a.value)) CHECK(value->find("secret") == value->npos);
}

TEST_CASE("a query is a span of its view, and a refusal says what was refused") {
  client c;
  c.order();
  c.world.spans();
  CHECK(c.send("GET", "/orders/1").status == 200);
  const tree read{c.world.spans()};
  CHECK(read.roots() == 1);
  CHECK(read.size() == 2);
  CHECK(c.send("POST", "/orders/unknown/cancel").status >= 400);
  const tree refused{c.world.spans()};
  CHECK(refused.roots() == 1);
  CHECK(text(refused.named("order cancel_order"), "banyan.result") == "refused");
}

TEST_CASE("what the caller does not sample is not recorded, and its trace goes on unsampled") {
  client c;
  c.order(callers.substr(0, 53) + "00");
  CHECK(c.world.spans().empty());
  const auto& last = c.world.stored().back().metadata.trace;
  CHECK(last.substr(3, 32) == callers.substr(3, 32));
  CHECK(last.ends_with("-00"));
}

TEST_CASE("recording changes nothing else, and the same seed gives the same spans") {
  const auto run = [](bool records, std::uint64_t seed) {
    client c{records, seed};
    c.order();
    std::string ids;
    for (const auto& s : c.world.spans()) ids += to_string(s.self) + s.name + "\n";
    return std::pair{c.world.trace(), ids};
  };
  const auto recorded = run(true, 7), again = run(true, 7), unrecorded = run(false, 7), other = run(true, 8);
  CHECK(recorded == again);
  CHECK(recorded.first == unrecorded.first);
  CHECK(unrecorded.second.empty());
  CHECK(recorded.second != other.second);
}
