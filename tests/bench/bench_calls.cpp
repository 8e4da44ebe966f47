// Calls per second through a link, beside a bare ask and CAF's own request, on the same two worker threads, in the same
// run.
//
//   bench_calls [--rounds 7] [--requests 100000] [--json FILE]
//
// One client with 1, 10 or 100 calls under way to one server; every call has a limit of one second. "counted": a link
// with a deadline and its metrics only. "guarded": deadline, retries under a budget, a circuit breaker, and metrics.
#include <tests/bench/caf_traffic.hpp>
#include <tests/bench/command_line.hpp>

#include <banyan/ambassador/call_chain.hpp>
#include <banyan/plan/describe_operation.hpp>

using namespace banyan;
using namespace banyan::bench;

namespace {

struct guarded_world {
  guarded_world(actor_system& s, link_parts parts) : server{bench::spawn<our_server>(s)} {
    what = describe_operation<ping>("server", idempotent::always);
    here.add(what.request, {.service = "server", .to = server, .of = &what});
    spec.from = "client";
    spec.to = "server";
    spec.parts = std::move(parts);
    link = std::make_shared<call_chain>(spec, here, link_route{}, s, metrics);
  }
  ~guarded_world() { stop_and_wait(server); }

  metrics_registry metrics;
  operation what;
  directory here;
  link_spec spec;
  address server;
  std::shared_ptr<call_chain> link;
};

struct linked_client : actor {
  explicit linked_client(guarded_world* w) : world{w} {}
  behavior make_behavior() override {
    return behavior{}.on<ask_many<ping>>([this](const ask_many<ping>& a) { return ask(a.count); });
  }
  task<result<done>> ask(int count) {
    for (int i = 0; i < count; ++i) {
      link_awaiter<int> call{self(), *world->link, world->here, make_message<ping>(ping{i})};
      auto r = co_await call;
      if (!r) co_return r.error();
    }
    co_return done{};
  }
  guarded_world* world;
};

// drive() spawns its client from an address; this one needs its world.
double linked(actor_system& s, int count, int window, link_parts parts) {
  guarded_world w{s, std::move(parts)};
  const auto client = s.spawn([&w] { return std::make_unique<linked_client>(&w); });
  std::promise<void> ended;
  std::atomic<int> open{window};
  const auto from = stopwatch::now();
  for (int i = 0; i < window; ++i)
    s.ask_message(client, make_message<ask_many<ping>>(ask_many<ping>{count / window}), std::chrono::minutes{10},
                  [&](result<message_ptr> r) {
                    if (!r || (*r)->kind == message_kind::failure) std::abort();
                    if (--open == 0) ended.set_value();
                  });
  ended.get_future().wait();
  const auto measured = rate(count, from);
  stop_and_wait(client);
  return measured;
}

double bare(actor_system& s, int count, int window) {
  const auto server = bench::spawn<our_server>(s);
  const auto measured = asks<ping>(s, server, count, window, false);
  stop_and_wait(server);
  return measured;
}

link_parts guarded() {
  return {.deadline = call_limit, .breaker = circuit_breaker{}, .retry = retry_options{}};
}

std::vector<comparison> comparisons(actor_system& s, int n) {
  std::vector<comparison> all;
  for (auto [window, goal] : {std::pair{1, 2.0}, {10, 3.0}, {100, 4.0}}) {
    all.push_back({"window " + std::to_string(window) + ", beside CAF",
                   {{"guarded", [&s, n, w = window] { return linked(s, n, w, guarded()); }, goal},
                    {"CAF request(1 s)", [&s, n, w = window] { return cafs_asks<ping>(s, caf_server, n, w, true); }}}});
    all.push_back({"window " + std::to_string(window) + ", beside a bare ask",
                   {{"guarded", [&s, n, w = window] { return linked(s, n, w, guarded()); }, 0.7},
                    {"counted", [&s, n, w = window] { return linked(s, n, w, {.deadline = call_limit}); }},
                    {"bare ask", [&s, n, w = window] { return bare(s, n, w); }}}});
  }
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  command_line line{"bench_calls", "Calls per second through a link beside a bare ask and CAF's request", 7};
  int requests = 100'000;
  line.number("--requests", requests, "Calls per turn", 100);
  if (auto code = line.parse(argc, argv)) return *code;
  actor_system system{{.threads = 2}};
  auto all = comparisons(system, requests);
  return contest(line, "calls", all);
}
