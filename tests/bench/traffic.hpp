// Servers and clients that exchange as many messages as they can: one asks with some calls under way, in a coroutine for each; one sends
// batches of 1,000 one-way messages, each with one question after it that shows that they were handled. caf_traffic.hpp has the same with
// raw CAF.
#pragma once

#include <banyan/actor/system.hpp>

#include <tests/bench/contest.hpp>

#include <atomic>
#include <cstdlib>
#include <future>
#include <memory>
#include <utility>

namespace banyan::bench {

struct ping {
  int n = 0;
  using reply = int;
};
BOOST_DESCRIBE_STRUCT(ping, (), (n))
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
template <int I>
struct question_of {
  int n = 0;
  using reply = int;
};
using twelve = std::make_integer_sequence<int, 12>;
using last_operation = operation_of<11>;
using last_question = question_of<11>;

// What a client is told to do.
template <class M>
struct ask_many {
  int count = 0;
  using reply = done;
};
template <class M>
struct send_many {
  int count = 0;
  using reply = done;
};

constexpr int batch = 1000;
constexpr timespan call_limit = std::chrono::seconds{1};

struct our_server : actor {
  behavior make_behavior() override {
    return behavior{}
        .on<ping>([](const ping& p) { return p.n; })
        .on<bump>([this](const bump& b) { sum_ += b.n; })
        .on<flush>([this](const flush&) { return sum_; });
  }
  int sum_ = 0;
};

// Twelve operations; the clients mean the last one. A meter says what is measured of each.
struct no_meter {
  void begin(actor_host&) {}
  void end(actor_host&) {}
};
template <template <int> class Operation, class Meter = no_meter>
struct our_service : actor {
  explicit our_service(Meter m = {}) : meter_{std::move(m)} {}
  behavior make_behavior() override { return with(twelve{}); }
  template <int... I>
  behavior with(std::integer_sequence<int, I...>) {
    behavior b;
    (b.add_handler<Operation<I>>([this](const Operation<I>& o) { return handle(o, I); }), ...);
    b.add_handler<flush>([this](const flush&) { return sum_; });
    return b;
  }
  template <class M>
  auto handle(const M& m, int extra) {
    meter_.begin(self());
    sum_ += m.n + extra;
    meter_.end(self());
    if constexpr (requires { typename M::reply; }) return m.n;
  }
  Meter meter_;
  int sum_ = 0;
};

template <class M>
struct our_asking_client : actor {
  explicit our_asking_client(address to) : to_{std::move(to)} {}
  behavior make_behavior() override {
    return behavior{}.on<ask_many<M>>([this](const ask_many<M>& a) { return ask(a.count); });
  }
  task<result<done>> ask(int count) {
    for (int i = 0; i < count; ++i)
      if (auto r = co_await self().template ask<M>(to_, call_limit, i); !r) co_return r.error();
    co_return done{};
  }
  address to_;
};

template <class M>
struct our_sending_client : actor {
  explicit our_sending_client(address to) : to_{std::move(to)} {}
  behavior make_behavior() override {
    return behavior{}.on<send_many<M>>([this](const send_many<M>& s) { return send(s.count); });
  }
  task<result<done>> send(int count) {
    for (int i = 0; i < count; i += batch) {
      for (int k = 0; k < batch; ++k) self().send(to_, M{k});
      if (auto r = co_await self().ask<flush>(to_, std::chrono::minutes{1}); !r) co_return r.error();
    }
    co_return done{};
  }
  address to_;
};

inline context_ptr full_context() {
  message_context c;
  c.trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  c.correlation = c.command = c.causation = uuid_v7(system_clock().now(), system_random());
  c.caller = "bench";
  return std::make_shared<const message_context>(std::move(c));
}

inline void stop_and_wait(const address& a) {
  std::promise<void> ended;
  stop_actor(a, [&](result<done>) { ended.set_value(); });
  ended.get_future().wait();
}

template <class A, class... Args>
address spawn(actor_system& system, Args... args) {
  return system.spawn([=] { return std::make_unique<A>(args...); });
}

// Orders (ask_many, send_many) for one client, each for its share of `count`; with a context, it travels with every message.
template <class Client, class Order>
double drive(actor_system& system, const address& server, int count, int orders, bool with_context) {
  auto client = spawn<Client>(system, server);
  std::promise<void> ended;
  std::atomic<int> open{orders};
  auto context = with_context ? full_context() : nullptr;
  auto from = stopwatch::now();
  for (int i = 0; i < orders; ++i) {
    auto l = make_message<Order>(Order{count / orders});
    l->context = context;
    system.ask_message(client, std::move(l), std::chrono::minutes{10}, [&](result<message_ptr> r) {
      if (!r || (*r)->kind == message_kind::failure) std::abort();
      if (--open == 0) ended.set_value();
    });
  }
  ended.get_future().wait();
  auto measured = rate(count, from);
  stop_and_wait(client);
  return measured;
}
template <class M>
double asks(actor_system& system, const address& server, int count, int window, bool with_context) {
  return drive<our_asking_client<M>, ask_many<M>>(system, server, count, window, with_context);
}
template <class M>
double sends(actor_system& system, const address& server, int count, bool with_context) {
  return drive<our_sending_client<M>, send_many<M>>(system, server, count, 1, with_context);
}

}  // namespace banyan::bench
