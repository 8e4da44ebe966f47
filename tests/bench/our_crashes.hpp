// Crashes under our own supervisors, timed by an actor that causes them.
#pragma once

#include <banyan/supervision/pool.hpp>
#include <banyan/supervision/supervisor.hpp>

#include <tests/bench/latency.hpp>
#include <tests/bench/traffic.hpp>

#include <stdexcept>

namespace banyan::bench {

struct crash {};
struct born {};  // a child to its observer, from started()
struct lost {};  // to the observer: a member of the pool has ended
struct observe {
  std::vector<address> children;
  address pool = {};
};

struct crashing_child : actor {
  explicit crashing_child(address tell) : tell_{std::move(tell)} {}
  void started() override {
    if (tell_) self().send(tell_, born{});
  }
  behavior make_behavior() override {
    return behavior{}.on<ping>([](const ping& p) { return p.n; }).on<crash>([](const crash&) { throw std::runtime_error{"crash"}; });
  }
  address tell_;
};

// Takes one sample after the other.
class observer : public actor {
 public:
  observer(int samples, std::promise<times>* ended) : left_{samples}, ended_{ended} {}
  behavior make_behavior() override {
    return behavior{}
        .on<observe>([this](observe& b) {
          children_ = std::move(b.children);
          pool_ = std::move(b.pool);
          next();
        })
        .on<born>([this](const born&) {
          if (is_timing_) child_is_born();
        })
        .on<lost>([this](const lost&) {
          if (is_timing_) child_is_lost();
        });
  }

 protected:
  virtual void sample() = 0;
  virtual void child_is_born() {}
  virtual void child_is_lost() {}

  void next() {
    if (left_-- == 0) {
      ended_->set_value(std::move(times_));
      return;
    }
    is_timing_ = true;
    from_ = stopwatch::now();
    sample();
  }
  void sample_ends() {
    times_.push_back(microseconds_since(from_));
    is_timing_ = false;
    next();
  }
  task<void> await_pong() {
    if (auto pong = co_await self().ask<ping>(children_[0], std::chrono::seconds{10}, 1); !pong) std::abort();
    sample_ends();
  }

  std::vector<address> children_;
  address pool_;
  int left_;

 private:
  std::promise<times>* ended_;
  bool is_timing_ = false;
  stopwatch::time_point from_;
  times times_;
};

// The next message waits in the mailbox, right behind the one that is crashed on.
struct queueing_observer final : observer {
  using observer::observer;
  void sample() override {
    self().send(children_[0], crash{});
    self().run(await_pong());
  }
};

// The next message is sent when the child has said that it is back.
struct told_observer final : observer {
  using observer::observer;
  void sample() override { self().send(children_[0], crash{}); }
  void child_is_born() override { self().run(await_pong()); }
};

// The child ends for good with the crash: another one is asked for, and told the next message.
struct pool_observer final : observer {
  using observer::observer;
  void sample() override { self().send(children_[0], crash{}); }
  void child_is_lost() override { self().run(replace()); }
  static child_spec member() {
    return {.name = {}, .make = [] { return std::make_unique<crashing_child>(address{}); }, .type = restart_type::temporary};
  }
  task<void> replace() {
    auto spec = member();
    auto fresh = co_await self().ask<start_child>(pool_, std::chrono::seconds{10}, give(spec));
    if (!fresh) std::abort();
    children_[0] = *fresh;
    co_await await_pong();
  }
};

// One child crashes, all of them start again.
struct group_observer final : observer {
  using observer::observer;
  void sample() override {
    missing_ = children_.size();
    self().send(children_[static_cast<std::size_t>(left_) * 37 % children_.size()], crash{});
  }
  void child_is_born() override {
    if (--missing_ == 0) sample_ends();
  }
  std::size_t missing_ = 0;
};

// OTP's way, and any number of restarts.
inline supervision_policy without_backoff(restart strategy) {
  return {.strategy = strategy, .backoff = no_backoff, .limit = intensity{.restarts = 1'000'000, .within = std::chrono::milliseconds{10}}};
}
// Each crash is the first one: it is restarted at once.
inline supervision_policy with_backoff(restart strategy) {
  return {.strategy = strategy, .backoff = backoff_policy{.quiet = nanoseconds{0}}};
}

template <class Observer>
times crashes_in_place(actor_system& system, const supervision_policy& policy, int children, int samples) {
  std::promise<times> ended;
  auto watch = spawn<Observer>(system, samples, &ended);
  auto tell = std::is_same_v<Observer, queueing_observer> ? address{} : watch;
  supervisor_options options{.policy = policy};
  for (int i = 0; i < children; ++i)
    options.children.push_back({.name = "child" + std::to_string(i), .make = [tell] { return std::make_unique<crashing_child>(tell); }});
  auto tree = supervisor_factory::make(std::move(options)).value();
  auto top = system.spawn(tree, {.name = "top"});
  if (!system.ask_and_wait(top, await_children{}, std::chrono::seconds{10})) std::abort();
  observe b;
  for (int i = 0; i < children; ++i) b.children.push_back(tree.child("child" + std::to_string(i)));
  system.send(watch, std::move(b));
  auto measured = ended.get_future().get();
  stop_and_wait(top);
  stop_and_wait(watch);
  return measured;
}

inline times crashes_in_pool(actor_system& system, int samples) {
  std::promise<times> ended;
  auto watch = spawn<pool_observer>(system, samples, &ended);
  pool_options options{.policy = without_backoff(restart::one_for_one)};
  options.hooks.event = [watch](const child_event& n) {
    if (n.kind == child_event::ended) deliver(watch, make_message<lost>());
  };
  auto pool = system.spawn(pool_factory::make(std::move(options)).value(), {.name = "pool"});
  observe b{.children = {system.ask_and_wait(pool, start_child{pool_observer::member()}, std::chrono::seconds{10}).value()}, .pool = pool};
  system.send(watch, std::move(b));
  auto measured = ended.get_future().get();
  stop_and_wait(pool);
  stop_and_wait(watch);
  return measured;
}

}  // namespace banyan::bench
