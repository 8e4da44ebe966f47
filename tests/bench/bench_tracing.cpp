// What traces cost: a span that nobody records, one that is recorded, events per second applied to a view, and requests
// per second of a service over HTTP with and without export to a collector on the same machine.
#include <banyan/cqrs/projection.hpp>
#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/http/client.hpp>
#include <banyan/http/server.hpp>
#include <banyan/observability/log.hpp>
#include <banyan/observability/tracer.hpp>
#include <banyan/runtime/serving.hpp>

#include <services/catalog/service.hpp>

#include <tests/bench/command_line.hpp>
#include <tests/bench/contest.hpp>
#include <tests/bench/traced_view.hpp>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <future>
#include <semaphore>
#include <stdexcept>
#include <thread>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

const std::string parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const std::string unsampled = parent.substr(0, 53) + "00";

// Nanoseconds per span.
double span_cost(tracer& t, const std::string& above, int count) {
  const auto from = bench::stopwatch::now();
  for (int i = 0; i < count; ++i) {
    auto s = t.begin(above, span_kind::client, "payments charge");
    s.set("server.address", std::string_view{"127.0.0.1"}).set("attempt", i);
    s.end();
    asm volatile("" ::: "memory");
  }
  return std::chrono::duration<double, std::nano>(bench::stopwatch::now() - from).count() / count;
}

// Takes spans as an exporter does, without encoding them.
double recorded_cost(int count) {
  tracer t;
  t.record({.capacity = 65'000});
  std::atomic<bool> enough{false};
  std::thread taker{[&] {
    while (!enough)
      if (t.take(512).empty()) std::this_thread::yield();
  }};
  const auto cost = span_cost(t, parent, count);
  enough = true;
  taker.join();
  return cost;
}

// A service on a port of its own, and clients of it in this process.
class served {
 public:
  explicit served(const std::string& endpoint, double share) : settings_{default_settings("bench")} {
    folder_ = (std::filesystem::temp_directory_path() / "banyan-bench-XXXXXX").string();
    if (!::mkdtemp(folder_.data())) throw std::runtime_error{"no folder"};
    settings_.data = folder_;
    settings_.listen = settings_.admin = "127.0.0.1:0";
    settings_.otlp_endpoint = endpoint;
    settings_.trace_sampler = "parentbased_traceidratio";
    settings_.trace_sampler_ratio = share;
    auto started = serving::start(app_, settings_);
    if (!started) throw std::runtime_error{to_string(started.error())};
    node_ = std::move(*started);
    use(1, [this](int) {
      return request("PUT", "/products/A1", R"({"name":"kite","price":{"minor":255,"currency":"GBP"}})");
    });
  }
  ~served() {
    node_->stop();
    node_.reset();
    std::filesystem::remove_all(folder_);
  }

  double reads(int count) {
    const auto from = bench::stopwatch::now();
    use(count, [this](int) { return request("GET", "/products/A1"); });
    return bench::rate(count, from);
  }
  double writes(int count) {
    const auto from = bench::stopwatch::now();
    use(count, [this](int i) {
      return request("PUT", "/products/P" + std::to_string(i % 1'000),
                     R"({"name":"kite","price":{"minor":)" + std::to_string(++price_) + R"(,"currency":"GBP"}})");
    });
    return bench::rate(count, from);
  }
  std::uint64_t metric(std::string_view name) {
    auto page = std::make_shared<std::promise<std::string>>();
    auto wait = page->get_future();
    auto r = request_to("GET", node_->operations_url() + "/metrics");
    client_.send(std::move(*r), system_clock().steady() + 10s,
                 [page](result<http_response> a) { page->set_value(a ? a->body : std::string{}); });
    const auto text = wait.get();
    const auto at = text.find("\n" + std::string{name} + " ");
    return at == text.npos ? 0 : static_cast<std::uint64_t>(std::stod(text.substr(at + name.size() + 2)));
  }

 private:
  http_request request(const std::string& method, const std::string& target, std::string body = {}) {
    auto r = request_to(method, node_->url() + target, std::move(body));
    if (!r->body.empty()) r->headers.set("Content-Type", "application/json");
    return std::move(*r);
  }
  template <class Make>
  void use(int count, Make make) {
    constexpr int under_way = 32;
    std::counting_semaphore<under_way> free{under_way};
    std::atomic<int> failed{0};
    for (int i = 0; i < count; ++i) {
      free.acquire();
      client_.send(make(i), system_clock().steady() + 30s, [&](result<http_response> r) {
        if (!r || r->status != 200) ++failed;
        free.release();
      });
    }
    for (int i = 0; i < under_way; ++i) free.acquire();
    if (failed > 0) throw std::runtime_error{"requests failed"};
  }

  application app_{"bench", {shop::catalog::describe()}};
  node_settings settings_;
  std::string folder_;
  std::unique_ptr<serving> node_;
  http_client client_;
  int price_ = 0;
};

// Accepts everything and looks at nothing.
std::unique_ptr<http_server> a_collector(std::atomic<std::uint64_t>& bytes) {
  http_server_options o;
  o.limits.body_bytes = 64 * 1024 * 1024;
  auto started = http_server::start(std::move(o), [&bytes](http_request r, completion<http_response> answer) {
    bytes += r.body.size();
    answer(http_response::json_text("{}"));
  });
  if (!started) throw std::runtime_error{to_string(started.error())};
  return std::move(*started);
}

}  // namespace

int main(int argc, char** argv) {
  bench::command_line line{"bench_tracing", "The cost of spans, and of exporting them", 5};
  int spans = 2'000'000, requests = 20'000, events = 100'000;
  line.number("--spans", spans, "spans per turn", 1'000);
  line.number("--requests", requests, "requests per turn", 100);
  line.number("--events", events, "events applied per turn", 100);
  if (auto code = line.parse(argc, argv)) return *code;
  configure_logging({.level = log_level::error});

  std::vector<double> off, skipped, recorded;
  for (int round = -1; round < line.rounds(); ++round) {
    tracer idle, sampling;
    sampling.record();
    const double a = span_cost(idle, parent, spans), b = span_cost(sampling, unsampled, spans),
                 c = recorded_cost(spans / 4);
    if (round >= 0) off.push_back(a), skipped.push_back(b), recorded.push_back(c);
  }
  std::printf("ns per span (begin, two attributes, end)\n");
  std::printf("  nobody records           %8.1f\n", bench::median(off));
  std::printf("  the parent is unsampled  %8.1f\n", bench::median(skipped));
  std::printf("  recorded and taken       %8.1f\n", bench::median(recorded));

  std::atomic<std::uint64_t> bytes{0};
  const auto collector = a_collector(bytes);
  const auto url = "http://127.0.0.1:" + std::to_string(collector->port());
  served plain{"", 1}, hundredth{url, 0.01}, all{url, 1};
  const auto view = [events](bool records, const std::string& trace) {
    return [=] { return bench::traced_view{records, trace}.apply(events); };
  };
  std::vector<bench::comparison> comparisons{
      {"events applied to a view", {{"all traces recorded", view(true, parent)},
                                    {"none sampled", view(true, unsampled)},
                                    {"events without a trace", view(true, "")},
                                    {"nothing recorded", view(false, parent)}}},
      {"GET, 32 under way", {{"all traces exported", [&] { return all.reads(requests); }},
                             {"1 of 100", [&] { return hundredth.reads(requests); }},
                             {"not exported", [&] { return plain.reads(requests); }}}},
      {"PUT (durable), 32 under way", {{"all traces exported", [&] { return all.writes(requests / 4); }},
                                       {"1 of 100", [&] { return hundredth.writes(requests / 4); }},
                                       {"not exported", [&] { return plain.writes(requests / 4); }}}},
  };
  bench::run(comparisons, line.rounds());
  bench::print(comparisons);
  std::printf("\nspans recorded %llu, dropped as the queue was full %llu; %.1f MB sent to the collector\n",
              static_cast<unsigned long long>(all.metric("banyan_spans_recorded_total")),
              static_cast<unsigned long long>(all.metric("banyan_spans_dropped_total")),
              static_cast<double>(bytes) / 1e6);
  const auto written = line.write_json([&](std::ostream& out) {
    out << "{\"ns\": {\"off\": " << bench::median(off) << ", \"unsampled\": " << bench::median(skipped)
        << ", \"recorded\": " << bench::median(recorded) << "}, \"requests\": ";
    bench::write_json(out, comparisons);
    out << "}\n";
  });
  return written ? 0 : 1;
}
