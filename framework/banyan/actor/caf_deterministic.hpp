// CAF's part of a simulated actor system, for both CAF versions: a scheduler without threads, whose jobs wait until one
// is run, and a clock whose timers wait until they are fired. CAF 0.17 has both (its scheduler policy "testing"); those
// of CAF 1.1 are not installed with it, so they are here. Used by simulated_scheduler.cpp and native_system.hpp.
#pragma once

#include <banyan/actor/caf_version.hpp>

#if BANYAN_CAF_0_17
#include <caf/scheduler/test_coordinator.hpp>
#else
#include <caf/action.hpp>
#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/detail/actor_system_access.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scheduler.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#endif

namespace banyan::caf_version {

#if BANYAN_CAF_0_17

using deterministic_scheduler = caf::scheduler::test_coordinator;

// Access to the schedule of CAF's test clock, which is protected.
struct schedule_of : caf::detail::test_actor_clock {
  static auto& get(caf::detail::test_actor_clock& c) { return c.*&schedule_of::schedule_; }
};

class deterministic_clock {
 public:
  explicit deterministic_clock(caf::actor_system& system)
      : clock_{dynamic_cast<deterministic_scheduler&>(system.scheduler()).clock()} {}

  // The time of the next timer; null: there is none.
  const caf::actor_clock::time_point* next() const {
    const auto& schedule = schedule_of::get(clock_);
    return schedule.empty() ? nullptr : &schedule.begin()->first;
  }
  std::size_t size() const { return schedule_of::get(clock_).size(); }
  void set(caf::actor_clock::time_point now) { clock_.current_time = now; }
  void fire() { clock_.trigger_expired_timeouts(); }
  void cancel_all() { clock_.cancel_all(); }

 private:
  caf::detail::test_actor_clock& clock_;
};

#else

// As CAF 0.17's test_coordinator: a job that is not finished after a message stays the first one.
class deterministic_scheduler final : public caf::scheduler {
 public:
  std::deque<caf::resumable*> jobs;  // each with a reference, which CAF has taken

  bool try_run_once() {
    if (jobs.empty()) return false;
    auto* job = jobs.front();
    jobs.pop_front();
    if (job->resume(this, 1) == caf::resumable::resume_later)
      jobs.push_front(job);
    else
      intrusive_ptr_release(job);
    return true;
  }
  void schedule(caf::resumable* job) override { jobs.push_back(job); }
  void delay(caf::resumable* job) override { jobs.push_back(job); }
  void start() override {}
  void stop() override {
    while (try_run_once()) {
    }
  }
};

class deterministic_timers final : public caf::actor_clock {
 public:
  time_point now() const noexcept override { return now_; }
  caf::disposable schedule(time_point at, caf::action what) override {
    timers_.emplace(at, what);
    return std::move(what).as_disposable();
  }
  const time_point* next() {
    while (!timers_.empty() && timers_.begin()->second.disposed()) timers_.erase(timers_.begin());
    return timers_.empty() ? nullptr : &timers_.begin()->first;
  }
  std::size_t size() const {
    const auto is_set = [](const auto& timer) { return !timer.second.disposed(); };
    return static_cast<std::size_t>(std::count_if(timers_.begin(), timers_.end(), is_set));
  }
  void set(time_point now) { now_ = now; }
  void fire() {
    for (const auto* at = next(); at && *at <= now_; at = next()) {
      auto what = std::move(timers_.begin()->second);
      timers_.erase(timers_.begin());
      what.run();
    }
  }
  void cancel_all() { timers_.clear(); }

 private:
  time_point now_{duration_type{1}};
  std::multimap<time_point, caf::action> timers_;  // those of one time in the order in which they were set
};

class deterministic_clock {
 public:
  explicit deterministic_clock(caf::actor_system& system)
      : timers_{dynamic_cast<deterministic_timers&>(system.clock())} {}
  const caf::actor_clock::time_point* next() const { return timers_.next(); }
  std::size_t size() const { return timers_.size(); }
  void set(caf::actor_clock::time_point now) { timers_.set(now); }
  void fire() { timers_.fire(); }
  void cancel_all() { timers_.cancel_all(); }

 private:
  deterministic_timers& timers_;
};

// Gives a new actor system these two, and a printer that prints nothing: CAF's own has a thread.
inline void make_deterministic(caf::actor_system& system, caf::actor_system_config&, void*) {
  caf::detail::actor_system_access parts{system};
  parts.clock(std::make_unique<deterministic_timers>());
  parts.scheduler(std::make_unique<deterministic_scheduler>());
  const auto printer =
      system.spawn<caf::hidden + caf::lazy_init>([](caf::event_based_actor*) { return caf::behavior{[](int) {}}; });
  parts.printer(caf::actor_cast<caf::strong_actor_ptr>(printer));
}

#endif

}  // namespace banyan::caf_version
