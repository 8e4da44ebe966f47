// The servers and clients of traffic.hpp as one writes them with CAF alone: a chain of `.then` instead of a coroutine.
#pragma once

#include <banyan/actor/native_system.hpp>

#include <tests/bench/traffic.hpp>

#include <caf/all.hpp>

namespace banyan::bench {

template <class M>
struct run_asks {
  int count, window;
  bool limited;
};
template <class M>
struct run_sends {
  int count;
};

// Of caf_crashes.hpp.
struct caf_crash {};
struct caf_born {
  caf::actor who;
};

}  // namespace banyan::bench

#if BANYAN_CAF_0_17
#  define BANYAN_BENCH_MESSAGE(M) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(banyan::bench::M)
#else
// CAF 1.1 sends only types that have an id, and would have send() and request() written otherwise.
#  pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#  define BANYAN_BENCH_MESSAGE(M) \
    CAF_ADD_TYPE_ID(banyan_bench, (banyan::bench::M)) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(banyan::bench::M)
CAF_BEGIN_TYPE_ID_BLOCK(banyan_bench, caf::id_block::banyan::end)
#endif
BANYAN_BENCH_MESSAGE(caf_crash)
BANYAN_BENCH_MESSAGE(caf_born)
BANYAN_BENCH_MESSAGE(ping)
BANYAN_BENCH_MESSAGE(bump)
BANYAN_BENCH_MESSAGE(flush)
BANYAN_BENCH_MESSAGE(run_asks<banyan::bench::ping>)
BANYAN_BENCH_MESSAGE(run_asks<banyan::bench::last_question>)
BANYAN_BENCH_MESSAGE(run_sends<banyan::bench::bump>)
BANYAN_BENCH_MESSAGE(run_sends<banyan::bench::last_operation>)
#define BANYAN_BENCH_FOUR(M, A, B, C, D) \
  BANYAN_BENCH_MESSAGE(M<A>) BANYAN_BENCH_MESSAGE(M<B>) BANYAN_BENCH_MESSAGE(M<C>) BANYAN_BENCH_MESSAGE(M<D>)
#define BANYAN_BENCH_TWELVE(M) BANYAN_BENCH_FOUR(M, 0, 1, 2, 3) BANYAN_BENCH_FOUR(M, 4, 5, 6, 7) BANYAN_BENCH_FOUR(M, 8, 9, 10, 11)
BANYAN_BENCH_TWELVE(operation_of)
BANYAN_BENCH_TWELVE(question_of)
#undef BANYAN_BENCH_TWELVE
#undef BANYAN_BENCH_FOUR
#undef BANYAN_BENCH_MESSAGE
#if !BANYAN_CAF_0_17
CAF_END_TYPE_ID_BLOCK(banyan_bench)
#endif

namespace banyan::bench {

#if !BANYAN_CAF_0_17
// Before main, for CAF takes no types once there is an actor system.
inline const bool has_message_types = (caf::init_global_meta_objects<caf::id_block::banyan_bench>(), true);
#endif

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
