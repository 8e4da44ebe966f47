// Steps the actors of a simulated actor system (actor_system_options::simulated), which has no threads: an actor that
// has messages is a job, which runs when it is told to, for one message; timers fire when they are told to.
//
//   while (scheduler.jobs() > 0) scheduler.run(0);
#pragma once

#include <banyan/actor/system.hpp>
#include <banyan/core/time.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace banyan {

class simulated_scheduler {
 public:
  explicit simulated_scheduler(actor_system& of);  // which is simulated, and outlives this
  ~simulated_scheduler();

  std::size_t jobs() const;
  std::uint64_t actor(std::size_t job) const;  // the id of the actor that the job runs; 0: none
  void run(std::size_t job);                   // lets the actor handle one message; `job` < jobs()
  std::size_t actors() const;                  // number of actors that have not ended

  monotonic next_timer() const;  // monotonic::max(): there is none
  void set_time(monotonic now);  // fires no timer
  void fire_timers();            // those that are due
  std::size_t timers() const;
  void cancel_timers();

 private:
  struct native;
  std::unique_ptr<native> native_;
};

}  // namespace banyan
