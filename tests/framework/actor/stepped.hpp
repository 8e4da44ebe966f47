// An actor system that is stepped by hand, in virtual time: nothing happens but in run() and advance(), always in the same order.
#pragma once

#include <banyan/actor/native_system.hpp>
#include <banyan/actor/system.hpp>

#include <caf/scheduler/test_coordinator.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace banyan::test {

class hand_clock final : public clock {
 public:
  instant now() const override { return instant{time.time_since_epoch()}; }
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
      : system{actor_system_options{.threads = 0, .clock = &clock, .random = &random, .simulated = true, .observer = std::move(observer)}} {
    set_caf_time();
  }
  ~stepped() {
    system.shutdown();
    run();
  }

  // Handles everything that can be handled now.
  void run() {
    while (scheduler().try_run_once()) {
    }
  }
  // Handles one message, of whichever actor `r` says; false when there is none.
  bool step(counting_random& r) {
    auto& jobs = scheduler().jobs;
    if (jobs.empty()) return false;
    std::iter_swap(jobs.begin(), jobs.begin() + static_cast<std::ptrdiff_t>(r.below(jobs.size())));
    return scheduler().try_run_once();
  }
  // Lets time pass, stopping at every timer on the way.
  void advance(nanoseconds d) {
    const auto until = clock.time + d;
    run();
    while (!caf_clock().schedule().empty()) {
      auto due = monotonic{caf_clock().schedule().begin()->first.time_since_epoch()};
      if (due > until) break;
      clock.time = std::max(clock.time, due);
      set_caf_time();
      caf_clock().trigger_expired_timeouts();
      run();
    }
    clock.time = until;
    set_caf_time();
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

  std::size_t timers() { return caf_clock().schedule().size(); }

  hand_clock clock;
  counting_random random;
  actor_system system;

 private:
  caf::scheduler::test_coordinator& scheduler() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system.get_native().caf.scheduler());
  }
  caf::detail::test_actor_clock& caf_clock() { return scheduler().clock(); }
  void set_caf_time() { caf_clock().current_time = caf::actor_clock::time_point{clock.time.time_since_epoch()}; }
};

}  // namespace banyan::test
