// Messages per second of our actors beside raw CAF actors, on the same two worker threads, in the same run.
//
//   bench_messages [--rounds 7] [--requests 100000] [--json FILE]
//
// ask: one client with 1, 10 or 100 calls under way to one server, each call with a limit of one second; a coroutine loop here, a chain
// of `.then` there. send: batches of 1,000 one-way messages, then one question that shows that they were handled. dispatch: the same to an actor
// with twelve operations, of which the last is meant. "context": every message carries a trace, ids and a caller.
//
// The contestants take turns within a round, so that a slow moment of the machine meets all of them; ratios are taken per round, and
// medians are shown. Ratios bear noise that absolute figures do not.
#include <banyan/actor/native_system.hpp>
#include <banyan/actor/system.hpp>

#include <caf/all.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <future>
#include <string>
#include <vector>

using namespace banyan;
using namespace std::chrono_literals;

struct ping {
  int n = 0;
  using reply = int;
};
struct bump {
  int n = 0;
};
struct flush {
  using reply = int;
};
template <int I>
struct operation_of {
  int n = 0;
};
using last_operation = operation_of<11>;

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ping)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bump)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(flush)
#define OPERATION(I) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(operation_of<I>)
OPERATION(0) OPERATION(1) OPERATION(2) OPERATION(3) OPERATION(4) OPERATION(5)
OPERATION(6) OPERATION(7) OPERATION(8) OPERATION(9) OPERATION(10) OPERATION(11)
#undef OPERATION

namespace {

constexpr int batch = 1000;
using twelve = std::make_integer_sequence<int, 12>;

// --- ours ------------------------------------------------------------------------------------------------------------

struct ask_many {
  int count = 0;
  using reply = done;
};
template <class M>
struct send_many {
  int count = 0;
  using reply = done;
};

struct our_server : actor {
  behavior make_behavior() override {
    return behavior{}
        .on<ping>([](const ping& p) { return p.n; })
        .on<bump>([this](const bump& b) { sum_ += b.n; })
        .on<flush>([this](const flush&) { return sum_; });
  }
  int sum_ = 0;
};

struct our_service : actor {
  behavior make_behavior() override { return with(twelve{}); }
  template <int... I>
  behavior with(std::integer_sequence<int, I...>) {
    behavior b;
    (b.add_handler<operation_of<I>>([this](const operation_of<I>& o) { sum_ += o.n + I; }), ...);
    b.add_handler<flush>([this](const flush&) { return sum_; });
    return b;
  }
  int sum_ = 0;
};

struct our_client : actor {
  explicit our_client(address to) : to_{std::move(to)} {}
  behavior make_behavior() override {
    return behavior{}
        .on<ask_many>([this](const ask_many& a) { return ask(a.count); })
        .on<send_many<bump>>([this](const send_many<bump>& s) { return send<bump>(s.count); })
        .on<send_many<last_operation>>([this](const send_many<last_operation>& s) { return send<last_operation>(s.count); });
  }
  task<result<done>> ask(int count) {
    for (int i = 0; i < count; ++i)
      if (auto r = co_await self().ask<ping>(to_, 1s, i); !r) co_return r.error();
    co_return done{};
  }
  template <class M>
  task<result<done>> send(int count) {
    for (int i = 0; i < count; i += batch) {
      for (int k = 0; k < batch; ++k) self().send(to_, M{k});
      if (auto r = co_await self().ask<flush>(to_, 1min); !r) co_return r.error();
    }
    co_return done{};
  }
  address to_;
};

// --- CAF's -----------------------------------------------------------------------------------------------------------

struct run_asks {
  int count, window;
  bool limited;
};
struct run_sends {
  int count;
  bool is_dispatch;
};

caf::behavior caf_server(caf::event_based_actor*) {
  auto sum = std::make_shared<int>(0);
  return {[](const ping& p) { return p.n; }, [sum](const bump& b) { *sum += b.n; }, [sum](const flush&) { return *sum; }};
}

template <int... I>
caf::behavior twelve_handlers(std::integer_sequence<int, I...>) {
  auto sum = std::make_shared<int>(0);
  return {[sum](const operation_of<I>& o) { *sum += o.n + I; }..., [sum](const flush&) { return *sum; }};
}
caf::behavior caf_service(caf::event_based_actor*) { return twelve_handlers(twelve{}); }

class caf_client : public caf::event_based_actor {
 public:
  caf_client(caf::actor_config& cfg, caf::actor to, std::promise<void>* ended)
      : caf::event_based_actor{cfg}, to_{std::move(to)}, ended_{ended} {}
  caf::behavior make_behavior() override {
    return {[this](const run_asks& r) {
              left_ = r.count;
              open_ = r.window;
              limited_ = r.limited;
              for (int i = 0; i < r.window; ++i) ask();
            },
            [this](const run_sends& r) {
              left_ = r.count;
              if (r.is_dispatch)
                send_batch<last_operation>();
              else
                send_batch<bump>();
            }};
  }

 private:
  void ask() {
    if (left_ == 0) {
      if (--open_ == 0) ended_->set_value();
      return;
    }
    --left_;
    auto next = [this](int) { ask(); };
    if (limited_)
      request(to_, 1s, ping{left_}).then(next);
    else
      request(to_, caf::infinite, ping{left_}).then(next);
  }
  template <class M>
  void send_batch() {
    if (left_ == 0) {
      ended_->set_value();
      return;
    }
    left_ -= batch;
    for (int k = 0; k < batch; ++k) send(to_, M{k});
    request(to_, caf::infinite, flush{}).then([this](int) { send_batch<M>(); });
  }
  caf::actor to_;
  std::promise<void>* ended_;
  int left_ = 0, open_ = 0;
  bool limited_ = false;
};

}  // namespace

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(run_asks)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(run_sends)

namespace {

// --- one measurement -------------------------------------------------------------------------------------------------

using stopwatch = std::chrono::steady_clock;

double rate(int count, stopwatch::time_point from) { return count / std::chrono::duration<double>(stopwatch::now() - from).count(); }

context_ptr full_context() {
  message_context c;
  c.trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  c.correlation = c.command = c.causation = uuid_v7(system_clock().now(), system_random());
  c.caller = "bench";
  return std::make_shared<const message_context>(std::move(c));
}

void stop_and_wait(const address& a) {
  std::promise<void> ended;
  stop_actor(a, [&](result<done>) { ended.set_value(); });
  ended.get_future().wait();
}

// `parts` requests of M to a client, each for its share of `count`.
template <class Server, class M>
double ours(actor_system& system, int count, int parts, bool with_context) {
  auto server = system.spawn([] { return std::make_unique<Server>(); });
  auto client = system.spawn([server] { return std::make_unique<our_client>(server); });
  std::promise<void> ended;
  std::atomic<int> open{parts};
  auto context = with_context ? full_context() : nullptr;
  auto from = stopwatch::now();
  for (int i = 0; i < parts; ++i) {
    auto l = make_letter<M>(M{count / parts});
    l->context = context;
    system.ask_letter(client, std::move(l), 10min, [&](result<letter_ptr> r) {
      if (!r || (*r)->what == letter::kind::failure) std::abort();
      if (--open == 0) ended.set_value();
    });
  }
  ended.get_future().wait();
  auto measured = rate(count, from);
  stop_and_wait(client);
  stop_and_wait(server);
  return measured;
}

template <class Order>
double cafs(actor_system& system, caf::behavior (*make)(caf::event_based_actor*), int count, Order order) {
  auto& native = system.get_native().caf;
  auto server = native.spawn(make);
  std::promise<void> ended;
  auto client = native.spawn<caf_client>(server, &ended);
  auto from = stopwatch::now();
  caf::anon_send(client, order);
  ended.get_future().wait();
  auto measured = rate(count, from);
  caf::anon_send_exit(client, caf::exit_reason::kill);
  caf::anon_send_exit(server, caf::exit_reason::kill);
  return measured;
}

// --- the tables ------------------------------------------------------------------------------------------------------

struct contestant {
  std::string name;
  std::function<double()> run;
  std::vector<double> rates = {};
};
struct comparison {
  std::string name;
  std::vector<contestant> who;  // the last one is the reference of the ratios
  double goal = 0;              // of the first one's ratio
};

double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

double median_ratio(const contestant& a, const contestant& b) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < a.rates.size(); ++i) ratios.push_back(a.rates[i] / b.rates[i]);
  return median(ratios);
}

std::vector<comparison> comparisons(actor_system& s, int n) {
  std::vector<comparison> all;
  for (auto [window, goal] : {std::pair{1, 1.2}, {10, 1.8}, {100, 2.5}}) {
    auto w = window;
    all.push_back({"ask, window " + std::to_string(w),
                   {{"ask, limit 1 s", [=, &s] { return ours<our_server, ask_many>(s, n, w, false); }},
                    {"ask, limit 1 s, context", [=, &s] { return ours<our_server, ask_many>(s, n, w, true); }},
                    {"CAF request(infinite)", [=, &s] { return cafs(s, caf_server, n, run_asks{n, w, false}); }},
                    {"CAF request(1 s)", [=, &s] { return cafs(s, caf_server, n, run_asks{n, w, true}); }}},
                   goal});
  }
  const int m = std::max(n * 5 / batch, 1) * batch;
  all.push_back({"send",
                 {{"send", [=, &s] { return ours<our_server, send_many<bump>>(s, m, 1, false); }},
                  {"send, context", [=, &s] { return ours<our_server, send_many<bump>>(s, m, 1, true); }},
                  {"CAF send", [=, &s] { return cafs(s, caf_server, m, run_sends{m, false}); }}}});
  all.push_back({"dispatch, 12 operations",
                 {{"service", [=, &s] { return ours<our_service, send_many<last_operation>>(s, m, 1, false); }},
                  {"service, context", [=, &s] { return ours<our_service, send_many<last_operation>>(s, m, 1, true); }},
                  {"CAF, 12 handlers", [=, &s] { return cafs(s, caf_service, m, run_sends{m, true}); }}},
                 1.0});
  return all;
}

void print(const std::vector<comparison>& all) {
  for (auto& c : all) {
    std::printf("\n%-28s %14s %10s %22s\n", c.name.c_str(), "median k/s", "ratio", "rates k/s");
    for (auto& w : c.who) {
      std::printf("  %-26s %14.0f %9.2fx  ", w.name.c_str(), median(w.rates) / 1e3, median_ratio(w, c.who.back()));
      for (auto r : w.rates) std::printf(" %6.0f", r / 1e3);
      std::printf("\n");
    }
    if (c.goal > 0) std::printf("  goal %.1fx: %s\n", c.goal, median_ratio(c.who.front(), c.who.back()) >= c.goal ? "met" : "NOT met");
  }
}

void write_json(const std::vector<comparison>& all, const std::string& file) {
  std::ofstream out{file};
  out << "{\"bench\":\"messages\",\"comparisons\":[";
  for (auto& c : all) {
    out << (&c == &all.front() ? "" : ",") << "{\"name\":\"" << c.name << "\",\"goal\":" << c.goal << ",\"contestants\":[";
    for (auto& w : c.who)
      out << (&w == &c.who.front() ? "" : ",") << "{\"name\":\"" << w.name << "\",\"per_second\":" << median(w.rates)
          << ",\"ratio\":" << median_ratio(w, c.who.back()) << "}";
    out << "]}";
  }
  out << "]}\n";
}

}  // namespace

int main(int argc, char** argv) {
  int rounds = 7, requests = 100'000;
  std::string json;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (!std::strcmp(argv[i], "--rounds")) rounds = std::max(1, std::atoi(argv[i + 1]));
    else if (!std::strcmp(argv[i], "--requests")) requests = std::max(batch, std::atoi(argv[i + 1]));
    else if (!std::strcmp(argv[i], "--json")) json = argv[i + 1];
    else return std::fprintf(stderr, "unknown option %s\n", argv[i]), 2;
  }
  actor_system system{{.threads = 2}};
  auto all = comparisons(system, requests);
  for (int round = -1; round < rounds; ++round)  // the first one warms up
    for (auto& c : all)
      for (auto& w : c.who) {
        auto r = w.run();
        if (round >= 0) w.rates.push_back(r);
      }
  print(all);
  if (!json.empty()) write_json(all, json);
}
