// An actor system that is stepped by hand, in virtual time: nothing happens but in run() and advance(), always in the same order.
#pragma once

#include <banyan/actor/simulated_scheduler.hpp>
#include <banyan/actor/system.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace banyan::test {

class hand_clock final : public clock {
 public:
  instant now() const override { return instant{time.time_since_epoch() + wall_offset}; }
  nanoseconds wall_offset{};  // somebody has set the wall clock
  monotonic steady() const override { return time; }
  monotonic time{std::chrono::hours{1}};
};

class counting_random final : public random_source {  // splitmix64
 public:
  explicit counting_random(std::uint64_t seed = 1) : state_{seed} {}
  std::uint64_t next() override {
    auto z = state_ += 0x9e3779b97f4a7c15ull;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
  }
  std::uint64_t below(std::uint64_t n) { return next() % n; }

 private:
  std::uint64_t state_;
};

class stepped {
 public:
  explicit stepped(std::function<void(const actor_event&)> observer = {})
      : system{actor_system_options{
            .threads = 0, .clock = &clock, .random = &random, .simulated = true, .observer = std::move(observer)}},
        scheduler{system} {
    scheduler.set_time(clock.time);
  }
  ~stepped() {
    system.shutdown();
    run();
  }

  // Handles everything that can be handled now.
  void run() {
    while (scheduler.jobs() > 0) scheduler.run(0);
  }
  // Handles one message, of whichever actor `r` says; false when there is none.
  bool step(counting_random& r) {
    if (scheduler.jobs() == 0) return false;
    scheduler.run(r.below(scheduler.jobs()));
    return true;
  }
  // Lets time pass, stopping at every timer on the way.
  void advance(nanoseconds d) {
    const auto until = clock.time + d;
    run();
    for (auto due = scheduler.next_timer(); due <= until; due = scheduler.next_timer()) {
      clock.time = std::max(clock.time, due);
      scheduler.set_time(clock.time);
      scheduler.fire_timers();
      run();
    }
    clock.time = until;
    scheduler.set_time(until);
  }

  template <class A, class... Args>
  address spawn(spawn_options options = {}, Args... args) {
    return system.spawn([args...] { return std::make_unique<A>(args...); }, std::move(options));
  }
  template <class M>
  void send(const address& to, M message) {
    system.send(to, std::move(message));
  }

  // The answer to a question that was asked; it comes with run() or advance().
  template <class R>
  class answer_slot {
   public:
    bool is_there() const { return !answers_->empty(); }
    std::size_t count() const { return answers_->size(); }
    const result<R>& operator*() const { return answers_->at(0); }
    const result<R>* operator->() const { return &answers_->at(0); }
    completion<R> slot() {
      return [answers = answers_](result<R> r) { answers->push_back(std::move(r)); };
    }

   private:
    std::shared_ptr<std::vector<result<R>>> answers_ = std::make_shared<std::vector<result<R>>>();
  };
  template <class M>
  answer_slot<typename M::reply> ask(const address& to, M message, timespan limit = std::chrono::seconds{1}) {
    answer_slot<typename M::reply> a;
    system.ask(to, std::move(message), limit, a.slot());
    run();
    return a;
  }

  std::size_t timers() const { return scheduler.timers(); }

  hand_clock clock;
  counting_random random;
  actor_system system;
  simulated_scheduler scheduler;
};

}  // namespace banyan::test
