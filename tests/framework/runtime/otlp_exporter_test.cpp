// The exporter against a collector that is a server of ours: it refuses, hangs, is away, and comes back.
#include <banyan/http/server.hpp>
#include <banyan/observability/log.hpp>
#include <banyan/runtime/otlp_exporter.hpp>

#include <boost/json.hpp>

#include <catch2/catch.hpp>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

constexpr auto patience = 20s;
const std::string parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

// What a collector does with a request: its status, 0: no answer.
struct move {
  int status = 200;
  header_list headers = {};
  std::string body = "{}";
};

class collector {
 public:
  explicit collector(std::deque<move> script = {}, std::uint16_t port = 0) : script_{std::move(script)} {
    auto started = http_server::start(
        {.address = "127.0.0.1", .port = port},
        [this](http_request r, completion<http_response> answer) { take(std::move(r), std::move(answer)); });
    REQUIRE(started);
    server_ = std::move(*started);
  }
  ~collector() {
    {
      std::lock_guard lock{mutex_};
      unanswered_.clear();
    }
    server_.reset();
  }
  std::uint16_t port() const { return server_->port(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }

  // Waits until this many spans were accepted.
  bool has(std::size_t spans) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, patience, [&] { return ids_.size() >= spans; });
  }
  bool has_seen(std::size_t requests) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, patience, [&] { return seen_.size() >= requests; });
  }
  std::vector<http_request> seen() {
    std::lock_guard lock{mutex_};
    return seen_;
  }
  std::vector<monotonic> times() {
    std::lock_guard lock{mutex_};
    return times_;
  }
  std::size_t accepted_twice() {
    std::lock_guard lock{mutex_};
    return twice_;
  }

 private:
  void take(http_request r, completion<http_response> answer) {
    std::unique_lock lock{mutex_};
    move now;
    if (!script_.empty()) now = std::move(script_.front()), script_.pop_front();
    if (now.status == 200 && r.target.ends_with("/v1/traces")) {
      const auto parsed = boost::json::parse(r.body);
      for (const auto& s : parsed.at_pointer("/resourceSpans/0/scopeSpans/0/spans").as_array())
        if (!ids_.insert(std::string{s.at("spanId").as_string()}).second) ++twice_;
    }
    seen_.push_back(std::move(r));
    times_.push_back(system_clock().steady());
    changed_.notify_all();
    if (now.status == 0) {
      unanswered_.push_back(std::move(answer));
      return;
    }
    lock.unlock();
    auto response = http_response::json_text(std::move(now.body), now.status);
    for (const auto& [name, value] : now.headers) response.headers.set(name, value);
    answer(std::move(response));
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<move> script_;
  std::set<std::string> ids_;
  std::size_t twice_ = 0;
  std::vector<http_request> seen_;
  std::vector<monotonic> times_;
  std::vector<completion<http_response>> unanswered_;
  std::unique_ptr<http_server> server_;
};

struct sender {
  explicit sender(const std::string& url, otlp_options o = {}) {
    configure_logging({.level = log_level::off});
    o.endpoint = url;
    if (o.metric_interval == timespan{1min}) o.metric_interval = 0s;
    o.span_interval = 5ms;
    o.resource = make_resource("shop", "1", "0.1.0");
    o.delivery.wait = {.first = 1ms, .min = 1ms, .max = 5ms};
    auto started = otlp_exporter::start(tracer, metrics, std::move(o));
    REQUIRE(started);
    exporter = std::move(*started);
  }
  void record(int n) {
    for (int i = 0; i < n; ++i) tracer.begin(parent, span_kind::internal, "work").set("i", i).end();
  }
  std::uint64_t count(std::string_view name, const metric_labels& labels = {}) const {
    for (const auto& f : metrics.read())
      if (f.name == name)
        for (const auto& p : f.points)
          if (p.labels == labels) return p.count;
    return 0;
  }
  banyan::tracer tracer;
  metrics_registry metrics;
  std::unique_ptr<otlp_exporter> exporter;
};

}  // namespace

TEST_CASE("spans arrive, each once, with the headers that were asked for") {
  collector c;
  sender s{c.url() + "/base/", {.headers = {{"api-key", "k"}}, .batch = 100}};
  s.record(1'000);
  CHECK(c.has(1'000));
  CHECK(s.exporter->flush(patience));
  CHECK(c.accepted_twice() == 0);
  for (const auto& r : c.seen()) {
    CHECK(r.method == "POST");
    CHECK(r.target == "/base/v1/traces");
    CHECK(r.headers.get("Content-Type") == "application/json");
    CHECK(r.headers.get("api-key") == "k");
    CHECK(r.headers.get("traceparent").empty());
  }
  CHECK(s.count("banyan_spans_recorded_total") == 1'000);
  CHECK(s.count("banyan_otlp_exported_total", {{"signal", "traces"}}) == 1'000);
}

TEST_CASE("a collector that refuses for a while gets everything afterwards, not before Retry-After") {
  collector c{{{429, {{"Retry-After", "1"}}}, {503}, {502}, {504}}};
  sender s{c.url()};
  s.record(10);
  CHECK(c.has(10));
  CHECK(s.exporter->flush(patience));
  const auto times = c.times();
  REQUIRE(times.size() >= 5);
  CHECK(times[1] - times[0] >= 1s);
  CHECK(s.count("banyan_otlp_failed_attempts_total") == 4);
  CHECK(s.count("banyan_otlp_exported_total", {{"signal", "traces"}}) == 10);
}

TEST_CASE("what the collector refuses for good is dropped and counted, and the next batch goes on") {
  collector c{{{400}, {200, {}, R"({"partialSuccess":{"rejectedSpans":"4","errorMessage":"old"}})"}}};
  sender s{c.url()};
  s.record(3);
  CHECK(c.has_seen(1));
  s.record(10);
  CHECK(c.has(10));
  CHECK(s.exporter->flush(patience));
  CHECK(s.count("banyan_otlp_lost_total", {{"reason", "rejected"}, {"signal", "traces"}}) == 3 + 4);
  CHECK(s.count("banyan_otlp_exported_total", {{"signal", "traces"}}) == 6);
}

TEST_CASE("a collector that does not answer is tried again after the time-out") {
  collector c{{{0}, {0}}};
  sender s{c.url(), {.timeout = 50ms}};
  s.record(10);
  CHECK(c.has(10));
  CHECK(s.exporter->flush(patience));
  CHECK(s.count("banyan_otlp_failed_attempts_total") == 2);
}

TEST_CASE("a collector that is away gets what has waited when it is back") {
  auto c = std::make_unique<collector>();
  const auto port = c->port();
  c.reset();
  sender s{"http://127.0.0.1:" + std::to_string(port)};
  s.record(10);
  const auto until = system_clock().steady() + patience;
  while (s.count("banyan_otlp_failed_attempts_total") < 3 && system_clock().steady() < until) std::this_thread::yield();
  c = std::make_unique<collector>(std::deque<move>{}, port);
  CHECK(c->has(10));
  CHECK(s.exporter->flush(patience));
}

TEST_CASE("a collector that hangs delays nobody: spans beyond the queue are dropped and counted") {
  collector c{std::deque<move>(1'000, move{0})};
  sender s{c.url(), {.timeout = 10s, .capacity = 256, .delivery = {.max_bytes = 200'000}}};
  constexpr int n = 50'000;
  s.record(n);
  CHECK(s.tracer.counters().recorded + s.tracer.counters().dropped == n);
  CHECK_FALSE(s.exporter->flush(100ms));
  const metric_labels traces{{"signal", "traces"}};
  const auto lost = [&](const char* reason) {
    return s.count("banyan_otlp_lost_total", {{"reason", reason}, {"signal", "traces"}});
  };
  CHECK(s.count("banyan_spans_dropped_total") + s.count("banyan_otlp_exported_total", traces) + lost("rejected") +
            lost("expired") + lost("queue_full") + s.tracer.waiting() ==
        n);
}

TEST_CASE("a flush sends what waits, and the metrics once more") {
  collector c;
  sender s{c.url(), {.metric_interval = 1h}};
  s.metrics.counter("placed_total", "Orders placed.").add(3);
  s.record(5);
  CHECK(s.exporter->flush(patience));
  CHECK(c.has(5));
  std::size_t of_metrics = 0;
  for (const auto& r : c.seen())
    if (r.target == "/v1/metrics") {
      ++of_metrics;
      CHECK(r.body.find(R"("name":"placed_total")") != r.body.npos);
      CHECK(r.body.find(R"("name":"banyan_spans_recorded_total")") != r.body.npos);
    }
  CHECK(of_metrics == 1);
  CHECK_FALSE(s.tracer.is_recording());
}

TEST_CASE("metrics are sent at their interval") {
  collector c;
  sender s{c.url(), {.metric_interval = 10ms}};
  CHECK(c.has_seen(3));
  for (const auto& r : c.seen()) CHECK(r.target == "/v1/metrics");
}

TEST_CASE("an endpoint that can not be asked is an error, and nothing is recorded") {
  for (const auto* bad : {"", "nonsense", "ftp://x", "http://user@x:1"}) {
    banyan::tracer tracer;
    metrics_registry metrics;
    CHECK_FALSE(otlp_exporter::start(tracer, metrics, {.endpoint = bad}));
    CHECK_FALSE(tracer.is_recording());
  }
}
