// Requests per second of a link over HTTP against nginx, with none, one and all parts of its chain, beside the HTTP
// client alone, in the same run.
//
//   bench_http_link [--rounds 5] [--requests 20000] [--window 32] [--json FILE]
//
// One caller with `window` calls under way, over a pool of as many kept connections; each answer is 60 bytes of JSON.
// Needs nginx (Debian: nginx-light); it is started on a free port of loopback and ended with the run.
#include <tests/bench/command_line.hpp>
#include <tests/bench/contest.hpp>
#include <tests/bench/nginx.hpp>

#include <banyan/actor/system.hpp>
#include <banyan/ambassador/call_chain.hpp>
#include <banyan/engines/http_upstream/http_upstream_transport.hpp>
#include <banyan/http/client.hpp>

#include <atomic>
#include <cstdlib>
#include <future>
#include <iostream>

using namespace banyan;
using namespace banyan::bench;

namespace {

constexpr timespan call_limit = std::chrono::seconds{5};

struct priced {
  std::string sku, title;
  int minor = 0;
};
BOOST_DESCRIBE_STRUCT(priced, (), (sku, title, minor))
struct get_price {
  using reply = priced;
  std::string sku;
};
BOOST_DESCRIBE_STRUCT(get_price, (), (sku))

constexpr const char* body = R"({"sku":"A-1","title":"a thing with a price of its own","minor":1999})";

struct ask_many {
  int count = 0;
  using reply = done;
};

struct link_to_nginx {
  link_to_nginx(actor_system& s, const std::string& url, int window, link_parts parts) {
    spec.from = "client";
    spec.to = "nginx";
    spec.parts = std::move(parts);
    spec.parts.deadline = call_limit;
    const http_upstream to{.to = url, .calls = {call<get_price>("GET /prices/{sku}")}, .connections = window};
    auto o = to.calls[0].of;
    o.name = "nginx.get_price";
    o.how = idempotent::always;
    spec.operations = {o};
    const auto by = open_http_upstream(to);
    if (!by) std::abort();
    const auto nodes = std::make_shared<const endpoint_set>(endpoints_of(url).value());
    link = std::make_shared<call_chain>(spec, here, link_route{*by, nodes, spec.operations}, s, metrics);
  }
  metrics_registry metrics;
  directory here;
  link_spec spec;
  std::shared_ptr<call_chain> link;
};

struct caller : actor {
  explicit caller(link_to_nginx* to) : to_{to} {}
  behavior make_behavior() override {
    return behavior{}.on<ask_many>([this](const ask_many& a) { return ask(a.count); });
  }
  task<result<done>> ask(int count) {
    for (int i = 0; i < count; ++i) {
      link_awaiter<priced> call{self(), *to_->link, to_->here, make_message<get_price>(get_price{"A-1"})};
      auto r = co_await call;
      if (!r) co_return r.error();
    }
    co_return done{};
  }
  link_to_nginx* to_;
};

[[noreturn]] void fail(const error& why) {
  std::cerr << "bench_http_link: a call failed: " << to_string(why) << std::endl;
  std::_Exit(1);
}

double by_link(actor_system& s, const std::string& url, int count, int window, link_parts parts) {
  link_to_nginx to{s, url, window, std::move(parts)};
  const auto client = s.spawn([&to] { return std::make_unique<caller>(&to); });
  std::promise<void> ended;
  std::atomic<int> open{window};
  const auto from = stopwatch::now();
  for (int i = 0; i < window; ++i)
    s.ask_message(client, make_message<ask_many>(ask_many{count / window}), std::chrono::minutes{10},
                  [&](result<message_ptr> r) {
                    if (!r || (*r)->kind == message_kind::failure) fail(r ? (*r)->as<error>() : r.error());
                    if (--open == 0) ended.set_value();
                  });
  ended.get_future().wait();
  const auto measured = rate(count, from);
  std::promise<void> stopped;
  stop_actor(client, [&](result<done>) { stopped.set_value(); });
  stopped.get_future().wait();
  return measured;
}

// The client alone; each completion sends the next request, from the client's own thread.
double by_client(const std::string& url, int count, int window) {
  http_client client{{.max_connections_per_endpoint = static_cast<std::size_t>(window)}};
  const auto request = request_to("GET", url + "/prices/A-1").value();
  std::atomic<int> left{count}, open{window};
  std::promise<void> ended;
  std::function<void()> next = [&] {
    if (left.fetch_sub(1) <= 0) {
      if (--open == 0) ended.set_value();
      return;
    }
    client.send(request, system_clock().steady() + call_limit.count(), [&](result<http_response> r) {
      if (!r || r->status != 200) fail(r ? error{code::internal, "status " + std::to_string(r->status)} : r.error());
      next();
    });
  };
  const auto from = stopwatch::now();
  for (int i = 0; i < window; ++i) next();
  ended.get_future().wait();
  return rate(count, from);
}

link_parts all_parts() {
  return {.attempt_deadline = std::chrono::seconds{2},
          .rate = rate_limit_options{.per_second = 1e6, .burst = 1'000'000},
          .limit = bulkhead_options{},
          .adapt = adaptive_limit_options{},
          .breaker = circuit_breaker{},
          .retry = retry_options{},
          .hedge = hedge_options{.min_delay = std::chrono::seconds{1}},
          .ejection = outlier_options{},
          .endpoint_breaker = circuit_breaker{}};
}

}  // namespace

int main(int argc, char** argv) {
  command_line line{"bench_http_link", "Requests per second of a link over HTTP against nginx, beside the client alone",
                    5};
  int requests = 20'000, window = 32;
  line.number("--requests", requests, "Requests per turn", 100);
  line.number("--window", window, "Calls under way", 1);
  if (auto code = line.parse(argc, argv)) return *code;
  const auto server = nginx::start(body);
  if (!server) {
    std::cerr << "bench_http_link: NOTHING WAS MEASURED: " << server.error().message << "\n";
    return 1;
  }
  actor_system system{{.threads = 2}};
  const auto url = (*server)->url();
  const auto link = [&](link_parts parts) {
    return [&, parts] { return by_link(system, url, requests, window, parts); };
  };
  std::vector<comparison> all{{"GET, " + std::to_string(window) + " under way",
                               {{"link, no parts", link({}), 0.7},
                                {"link, a breaker", link({.breaker = circuit_breaker{}})},
                                {"link, all parts", link(all_parts()), 0.6},
                                {"HTTP client alone", [&] { return by_client(url, requests, window); }}}}};
  return contest(line, "http_link", all);
}
