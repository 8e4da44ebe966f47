// Workers that park (job_queues.hpp) instead of those of CAF's work stealing scheduler. CAF's idle workers poll: a job
// from another thread waits for the next poll, and on few cores polling takes CPU time from busy workers. With CAF 0.17
// they are a policy of CAF's own scheduler, with CAF 1.x a scheduler.
#pragma once

#include <banyan/actor/caf_version.hpp>
#include <banyan/actor/job_queues.hpp>

#if BANYAN_CAF_0_17
#include <caf/policy/unprofiled.hpp>
#include <caf/scheduler/coordinator.hpp>
#else
#include <caf/actor_system.hpp>
#include <caf/detail/actor_system_access.hpp>
#include <caf/detail/cleanup_and_release.hpp>
#include <caf/scheduler.hpp>
#include <caf/thread_owner.hpp>

#include <vector>
#endif

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

namespace banyan::caf_version {

constexpr std::size_t max_inline_workers = 16;  // threads per actor system
using run_queues = job_queues<caf::resumable>;

#if BANYAN_CAF_0_17

// A scheduling policy, as CAF's coordinator<> and worker<> require it.
class parking_workers : public caf::policy::unprofiled {
 public:
  struct coordinator_data {
    explicit coordinator_data(caf::scheduler::abstract_coordinator*) {}
  };
  // CAF creates one object when the number of workers is known, and copies it for each worker; all share the queues.
  struct worker_data {
    explicit worker_data(caf::scheduler::abstract_coordinator* c)
        : queues{std::make_shared<run_queues>(c->num_workers(), std::chrono::milliseconds{1}, max_inline_workers)} {}
    std::shared_ptr<run_queues> queues;
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

inline void park_idle_workers(caf::actor_system_config& cfg) {
  cfg.load<caf::scheduler::coordinator<parking_workers>>();
}

// Null: the scheduler is another one (in a simulation).
inline std::shared_ptr<run_queues> queues_of(caf::actor_system& system) {
  auto* scheduler = dynamic_cast<caf::scheduler::coordinator<parking_workers>*>(&system.scheduler());
  return scheduler ? scheduler->worker_by_id(0)->data().queues : nullptr;
}

#else

class parking_scheduler final : public caf::scheduler {
 public:
  parking_scheduler(caf::actor_system& system, std::size_t workers)
      : system_{system},
        workers_{workers},
        queues_{std::make_shared<run_queues>(workers, std::chrono::milliseconds{1}, max_inline_workers)} {}

  const std::shared_ptr<run_queues>& queues() const { return queues_; }
  void schedule(caf::resumable* job) override { queues_->push(job); }
  void delay(caf::resumable* job) override { queues_->push(job); }
  void start() override {
    for (std::size_t i = 0; i < workers_; ++i)
      threads_.push_back(system_.launch_thread("caf.worker", caf::thread_owner::scheduler, [this, i] {
        worker{*queues_, i}.run();
      }));
  }
  void stop() override {
    end_of_worker end;
    for (std::size_t i = 0; i < workers_; ++i) queues_->push(&end);  // a worker takes one
    for (auto& thread : threads_) thread.join();
    for (std::size_t i = 0; i < workers_ + queues_->inline_queues(); ++i)
      while (auto* left = queues_->drain(i)) caf::detail::cleanup_and_release(left);
  }

 private:
  struct end_of_worker final : caf::resumable {
    resume_result resume(caf::scheduler*, std::size_t) override { return shutdown_execution_unit; }
    void ref_resumable() const noexcept override {}
    void deref_resumable() const noexcept override {}
  };
  // What a job is given as its scheduler: the jobs that it starts run next on this thread.
  class worker final : public caf::scheduler {
   public:
    worker(run_queues& queues, std::size_t number) : queues_{queues}, number_{number} {}
    void schedule(caf::resumable* job) override { queues_.push(job); }
    void delay(caf::resumable* job) override { queues_.push_next(number_, job); }
    void start() override {}
    void stop() override {}
    void run() {
      for (;;) {
        auto* job = queues_.take(number_);
        const auto after = job->resume(this, messages_per_turn);
        if (after == caf::resumable::shutdown_execution_unit) return;
        if (after == caf::resumable::resume_later)
          queues_.push_last(number_, job);
        else
          intrusive_ptr_release(job);
      }
    }

   private:
    run_queues& queues_;
    const std::size_t number_;
  };

  caf::actor_system& system_;
  const std::size_t workers_;
  const std::shared_ptr<run_queues> queues_;
  std::vector<std::thread> threads_;
};

inline void park_idle_workers(caf::actor_system_config&) {}  // make_parking, below
inline void make_parking(caf::actor_system& system, caf::actor_system_config& cfg, void*) {
  const auto workers = caf::get_or(cfg, "caf.scheduler.max-threads", std::size_t{2});
  caf::detail::actor_system_access{system}.scheduler(std::make_unique<parking_scheduler>(system, workers));
}

// Null: the scheduler is another one (in a simulation).
inline std::shared_ptr<run_queues> queues_of(caf::actor_system& system) {
  auto* scheduler = dynamic_cast<parking_scheduler*>(&system.scheduler());
  return scheduler ? scheduler->queues() : nullptr;
}

#endif

// The execution unit of a thread that calls actor_system::run_inline: runs jobs of actors that permit it
// (actor::runs_inline) on this thread. Jobs of other actors, and jobs that are not finished after one turn, go to the
// workers.
class inline_worker final : public execution_context {
 public:
#if BANYAN_CAF_0_17
  inline_worker(caf::actor_system& system, std::shared_ptr<run_queues> queues, std::size_t queue)
      : caf::execution_unit{&system}, queues_{std::move(queues)}, queue_{queue} {}
  void exec_later(caf::resumable* next) override { push(next); }
#else
  inline_worker(caf::actor_system&, std::shared_ptr<run_queues> queues, std::size_t queue)
      : queues_{std::move(queues)}, queue_{queue} {}
  void delay(caf::resumable* next) override { push(next); }
  void schedule(caf::resumable* next) override { queues_->push(next); }
  void start() override {}
  void stop() override {}
#endif

  void push(caf::resumable* next) {
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
  std::shared_ptr<run_queues> queues_;
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
    const auto queues = queues_of(system);
    if (!queues) return nullptr;
    const std::lock_guard guard{lock_};
    const auto me = std::this_thread::get_id();
    if (const auto mine = all_.find(me); mine != all_.end()) return mine->second.get();
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

}  // namespace banyan::caf_version
