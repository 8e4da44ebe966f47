// CAF's scheduler with parking workers (job_queues.hpp) instead of its work stealing policy, whose idle workers poll:
// an external job waits for the next poll, and on few cores polling takes CPU time from busy workers. For CAF 0.17
// only; workers of CAF 1.x block by themselves, and nothing runs inline there.
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

constexpr std::size_t max_inline_workers = 16;  // threads

// A scheduling policy, as CAF's coordinator<> and worker<> require it.
class parking_workers : public caf::policy::unprofiled {
 public:
  struct coordinator_data {
    explicit coordinator_data(caf::scheduler::abstract_coordinator*) {}
  };
  // CAF creates one when the number of workers is known, and copies it for each worker.
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

// Runs the jobs of actors that permit it (actor::runs_inline) on a thread that is no worker, in run_inline(). Other
// jobs, and those that come back, go to the workers.
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
  // Returns when the queue is empty. What is left after `most` jobs goes to the workers.
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

// The inline workers of a system, one per thread that asked for one, by thread.
class inline_workers {
 public:
  // Null: there are max_inline_workers already, or the scheduler is not ours (a simulation).
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
  const std::uint64_t id_ = next_id();  // of the system: its address may be used again
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
