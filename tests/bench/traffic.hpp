// Servers and clients that exchange as many messages as they can, ours and raw CAF's, written alike: one asks with some calls under way (a
// coroutine loop here, a chain of `.then` there), one sends batches of 1,000 one-way messages, each with one question after it that shows
// that they were handled.
#pragma once

#include <banyan/actor/native_system.hpp>
#include <banyan/actor/system.hpp>

#include <tests/bench/contest.hpp>

#include <caf/all.hpp>

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
template <class M>
struct run_asks {
  int count, window;
  bool limited;
};
template <class M>
struct run_sends {
  int count;
};

}  // namespace banyan::bench

#define BANYAN_BENCH_MESSAGE(M) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(banyan::bench::M)
BANYAN_BENCH_MESSAGE(ping)
BANYAN_BENCH_MESSAGE(bump)
BANYAN_BENCH_MESSAGE(flush)
BANYAN_BENCH_MESSAGE(run_asks<banyan::bench::ping>)
BANYAN_BENCH_MESSAGE(run_asks<banyan::bench::last_question>)
BANYAN_BENCH_MESSAGE(run_sends<banyan::bench::bump>)
BANYAN_BENCH_MESSAGE(run_sends<banyan::bench::last_operation>)
#define BANYAN_BENCH_TWELVE(M)                                                                                                           \
  BANYAN_BENCH_MESSAGE(M<0>)                                                                                                             \
  BANYAN_BENCH_MESSAGE(M<1>)                                                                                                             \
  BANYAN_BENCH_MESSAGE(M<2>) BANYAN_BENCH_MESSAGE(M<3>) BANYAN_BENCH_MESSAGE(M<4>) BANYAN_BENCH_MESSAGE(M<5>) BANYAN_BENCH_MESSAGE(M<6>) \
      BANYAN_BENCH_MESSAGE(M<7>) BANYAN_BENCH_MESSAGE(M<8>) BANYAN_BENCH_MESSAGE(M<9>) BANYAN_BENCH_MESSAGE(M<10>)                       \
          BANYAN_BENCH_MESSAGE(M<11>)
BANYAN_BENCH_TWELVE(operation_of)
BANYAN_BENCH_TWELVE(question_of)
#undef BANYAN_BENCH_TWELVE
#undef BANYAN_BENCH_MESSAGE

namespace banyan::bench {

constexpr int batch = 1000;
constexpr timespan call_limit = std::chrono::seconds{1};

// --- ours ------------------------------------------------------------------------------------------------------------

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
    auto l = make_letter<Order>(Order{count / orders});
    l->context = context;
    system.ask_letter(client, std::move(l), std::chrono::minutes{10}, [&](result<letter_ptr> r) {
      if (!r || (*r)->what == letter::kind::failure) std::abort();
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

// --- CAF's -----------------------------------------------------------------------------------------------------------

inline caf::behavior caf_server(caf::event_based_actor*) {
  auto sum = std::make_shared<int>(0);
  return {[](const ping& p) { return p.n; }, [sum](const bump& b) { *sum += b.n; }, [sum](const flush&) { return *sum; }};
}

template <int... I>
caf::behavior twelve_operations(std::integer_sequence<int, I...>) {
  auto sum = std::make_shared<int>(0);
  return {[sum](const operation_of<I>& o) { *sum += o.n + I; }..., [sum](const flush&) { return *sum; }};
}
template <int... I>
caf::behavior twelve_questions(std::integer_sequence<int, I...>) {
  auto sum = std::make_shared<int>(0);
  return {[sum](const question_of<I>& q) {
            *sum += q.n + I;
            return q.n;
          }...,
          [sum](const flush&) { return *sum; }};
}
inline caf::behavior caf_operations(caf::event_based_actor*) { return twelve_operations(twelve{}); }
inline caf::behavior caf_questions(caf::event_based_actor*) { return twelve_questions(twelve{}); }

template <class M>
class caf_asking_client : public caf::event_based_actor {
 public:
  caf_asking_client(caf::actor_config& cfg, caf::actor to, std::promise<void>* ended)
      : caf::event_based_actor{cfg}, to_{std::move(to)}, ended_{ended} {}
  caf::behavior make_behavior() override {
    return {[this](const run_asks<M>& r) {
      left_ = r.count;
      open_ = r.window;
      limited_ = r.limited;
      for (int i = 0; i < r.window; ++i) ask();
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
      this->request(to_, nanoseconds{call_limit}, M{left_}).then(next);
    else
      this->request(to_, caf::infinite, M{left_}).then(next);
  }
  caf::actor to_;
  std::promise<void>* ended_;
  int left_ = 0, open_ = 0;
  bool limited_ = false;
};

template <class M>
class caf_sending_client : public caf::event_based_actor {
 public:
  caf_sending_client(caf::actor_config& cfg, caf::actor to, std::promise<void>* ended)
      : caf::event_based_actor{cfg}, to_{std::move(to)}, ended_{ended} {}
  caf::behavior make_behavior() override {
    return {[this](const run_sends<M>& r) {
      left_ = r.count;
      send_batch();
    }};
  }

 private:
  void send_batch() {
    if (left_ == 0) {
      ended_->set_value();
      return;
    }
    left_ -= batch;
    for (int k = 0; k < batch; ++k) this->send(to_, M{k});
    this->request(to_, caf::infinite, flush{}).then([this](int) { send_batch(); });
  }
  caf::actor to_;
  std::promise<void>* ended_;
  int left_ = 0;
};

template <class Client, class Order>
double drive_cafs(actor_system& system, caf::behavior (*make)(caf::event_based_actor*), Order order) {
  auto& native = system.get_native().caf;
  auto server = native.spawn(make);
  std::promise<void> ended;
  auto client = native.spawn<Client>(server, &ended);
  auto from = stopwatch::now();
  caf::anon_send(client, order);
  ended.get_future().wait();
  auto measured = rate(order.count, from);
  caf::anon_send_exit(client, caf::exit_reason::kill);
  caf::anon_send_exit(server, caf::exit_reason::kill);
  return measured;
}
template <class M>
double cafs_asks(actor_system& system, caf::behavior (*make)(caf::event_based_actor*), int count, int window, bool limited) {
  return drive_cafs<caf_asking_client<M>>(system, make, run_asks<M>{count, window, limited});
}
template <class M>
double cafs_sends(actor_system& system, caf::behavior (*make)(caf::event_based_actor*), int count) {
  return drive_cafs<caf_sending_client<M>>(system, make, run_sends<M>{count});
}

}  // namespace banyan::bench
