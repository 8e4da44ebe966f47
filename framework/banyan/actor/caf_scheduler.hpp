// CAF's scheduler with parking workers (job_queues.hpp) instead of its work stealing policy, whose idle workers poll:
// an external job waits for the next poll, and on few cores polling takes CPU time from busy workers. For CAF 0.17
// only; workers of CAF 1.x block by themselves.
#pragma once

#include <banyan/actor/caf_version.hpp>

#if BANYAN_CAF_0_17
#  include <banyan/actor/job_queues.hpp>

#  include <caf/policy/unprofiled.hpp>
#  include <caf/scheduler/coordinator.hpp>

#  include <memory>

namespace banyan::caf_version {

// A scheduling policy, as CAF's coordinator<> and worker<> require it.
class parking_workers : public caf::policy::unprofiled {
 public:
  struct coordinator_data {
    explicit coordinator_data(caf::scheduler::abstract_coordinator*) {}
  };
  // CAF creates one when the number of workers is known, and copies it for each worker.
  struct worker_data {
    explicit worker_data(caf::scheduler::abstract_coordinator* c)
        : queues{std::make_shared<job_queues<caf::resumable>>(c->num_workers())} {}
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

inline void park_idle_workers(caf::actor_system_config& cfg) {
  cfg.load<caf::scheduler::coordinator<parking_workers>>();
}

}  // namespace banyan::caf_version
#else
namespace banyan::caf_version {
inline void park_idle_workers(caf::actor_system_config&) {}
}  // namespace banyan::caf_version
#endif
