// CAF's scheduler with parking workers (job_queues.hpp) instead of its work stealing policy. With the latter, idle
// workers poll: a job from another thread waits for the next poll, and on few cores polling takes CPU time from busy
// workers. For CAF 0.17 only; with CAF 1.x, whose idle workers are woken, its own scheduler is used, and
// actor_system::run_inline runs nothing inline.
#pragma once

#include <banyan/actor/caf_version.hpp>

#if BANYAN_CAF_0_17
#  include <banyan/actor/job_queues.hpp>

#  include <caf/policy/unprofiled.hpp>
#  include <caf/scheduler/coordinator.hpp>

#  include <atomic>
#  include <map>
#  include <memory>
#  include <mutex>
#  include <thread>

namespace banyan::caf_version {

constexpr std::size_t max_inline_workers = 16;  // threads per actor system

// A scheduling policy, as CAF's coordinator<> and worker<> require it.
class parking_workers : public caf::policy::unprofiled {
 public:
  struct coordinator_data {
    explicit coordinator_data(caf::scheduler::abstract_coordinator*) {}
  };
  // CAF creates one object when the number of workers is known, and copies it for each worker; all share the queues.
  struct worker_data {
    explicit worker_data(caf::scheduler::abstract_coordinator* c)
        : queues{std::make_shared<job_queues<caf::resumable>>(c->num_workers(), std::chrono::milliseconds{1},
                                                              max_inline_workers)} {}
    std::shared_ptr<job_queues<caf::resumable>> queues;
  };

  template <class Coordinator>
  void central_enqueue(Coordinator* c, caf::resumable* job) {
    external_enqueue(c->worker_by_id(0), job);
  }
  template <class Worker>
  void external_enqueue(Worker* w, caf::resumable* job) {
    d(w).queues->push(job);
  }
  template <class Worker>
  void internal_enqueue(Worker* w, caf::resumable* job) {
    d(w).queues->push_next(w->id(), job);
  }
  template <class Worker>
  void resume_job_later(Worker* w, caf::resumable* job) {
    d(w).queues->push_last(w->id(), job);
  }
  template <class Worker>
  caf::resumable* dequeue(Worker* w) {
    return d(w).queues->take(w->id());
  }
  template <class Worker, class Each>
  void foreach_resumable(Worker* w, Each each) {
    while (auto* job = d(w).queues->drain(w->id())) each(job);
  }
  template <class Coordinator, class Each>
  void foreach_central_resumable(Coordinator*, Each) {}
};

// The execution unit of a thread that calls actor_system::run_inline: runs jobs of actors that permit it
// (actor::runs_inline) on this thread. Jobs of other actors, and jobs that are not finished after one turn, go to the
// workers.
class inline_worker final : public caf::execution_unit {
 public:
  inline_worker(caf::actor_system& system, std::shared_ptr<job_queues<caf::resumable>> queues, std::size_t queue)
      : caf::execution_unit{&system}, queues_{std::move(queues)}, queue_{queue} {}

  void exec_later(caf::resumable* next) override {
    const auto* own = next->subtype() == caf::resumable::function_object ? dynamic_cast<job*>(next) : nullptr;
    if (own && own->runs_inline())
      queues_->push_next(queue_, next);
    else
      queues_->push(next);
  }
  // Runs jobs until the queue is empty. After `most` jobs the rest goes to the workers.
  void run() {
    constexpr int most = 100;
    for (int n = 0; auto* next = queues_->try_take(queue_); ++n) {
      if (n >= most || next->resume(this, messages_per_turn) == caf::resumable::resume_later)
        queues_->push(next);
      else
        intrusive_ptr_release(next);
    }
  }

 private:
  std::shared_ptr<job_queues<caf::resumable>> queues_;
  std::size_t queue_;
};

// The inline workers of an actor system, created on demand: one per thread that asks for one.
class inline_workers {
 public:
  // Null: max_inline_workers other threads have one, or the scheduler is another one (in a simulation).
  execution_context* of_this_thread(caf::actor_system& system) {
    thread_local std::pair<std::uint64_t, inline_worker*> known{0, nullptr};
    if (known.first != id_) known = {id_, find(system)};
    return known.second;
  }
  static void run(execution_context* worker) { static_cast<inline_worker*>(worker)->run(); }

 private:
  inline_worker* find(caf::actor_system& system) {
    auto* scheduler = dynamic_cast<caf::scheduler::coordinator<parking_workers>*>(&system.scheduler());
    if (!scheduler) return nullptr;
    const std::lock_guard guard{lock_};
    const auto me = std::this_thread::get_id();
    if (const auto mine = all_.find(me); mine != all_.end()) return mine->second.get();
    const auto& queues = scheduler->worker_by_id(0)->data().queues;
    const auto next = all_.size();
    if (next == queues->inline_queues()) return nullptr;
    return (all_[me] = std::make_unique<inline_worker>(system, queues, queues->inline_queue(next))).get();
  }
  static std::uint64_t next_id() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
  }
  const std::uint64_t id_ = next_id();  // the key of the thread-local cache; an address could be reused
  std::mutex lock_;
  std::map<std::thread::id, std::unique_ptr<inline_worker>> all_;
};

inline void park_idle_workers(caf::actor_system_config& cfg) {
  cfg.load<caf::scheduler::coordinator<parking_workers>>();
}

}  // namespace banyan::caf_version
#else
namespace banyan::caf_version {
inline void park_idle_workers(caf::actor_system_config&) {}
class inline_workers {
 public:
  execution_context* of_this_thread(caf::actor_system&) { return nullptr; }
  static void run(execution_context*) {}
};
}  // namespace banyan::caf_version
#endif
