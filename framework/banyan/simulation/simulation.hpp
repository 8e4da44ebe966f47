// A plan in simulation: the real application, actors and patterns, on one thread, in virtual time, with everything that is left to chance
// (which actor runs next, how long the disk takes, ids, jitter) drawn from one seed. The same seed gives the same run, always; a failing
// seed is a test case. Days of back-off take milliseconds.
//
//   simulation world{app, {.seed = 42}};
//   world.request("POST", "/orders", body, [&](http_response r) { ... });      // answered when the world gets there
//   world.run_for(10s);
//   world.crash();                                                             // power loss, then the node starts again from its disks
//   world.run_until_idle(60s);
//
// What it stands on: CAF's deterministic scheduler and test clock (caf/scheduler/test_coordinator.hpp), a memory_journal whose unsynced
// operations a crash loses in part, views in memory. Not simulated: sockets, files, real threads; their own tests cover them.
#pragma once

#include <banyan/core/ids.hpp>
#include <banyan/core/time.hpp>
#include <banyan/event_sourcing/journal.hpp>
#include <banyan/http/message.hpp>
#include <banyan/plan/plan.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace banyan {

class node;

struct simulation_options {
  std::uint64_t seed = 1;
  timespan disk_min = std::chrono::microseconds{50};   // how long the journal's disk takes for a batch
  timespan disk_max = std::chrono::milliseconds{5};
};

// What happened, counted; for tests that must know they met the case they are about.
struct simulation_counts {
  std::uint64_t steps = 0;              // messages handled
  std::uint64_t crashes = 0;
  std::uint64_t disk_batches = 0;
};

class simulation {
 public:
  // Starts the application. `app` must outlive the simulation. Throws result_error when it does not start.
  simulation(const application& app, simulation_options options);
  ~simulation();
  simulation(const simulation&) = delete;
  simulation& operator=(const simulation&) = delete;

  // A request to the edge of the node, as over HTTP. Answered exactly once, possibly with an error when the node crashes meanwhile.
  void request(std::string method, std::string target, std::string body, std::function<void(result<http_response>)> answered);
  void request(http_request r, std::function<void(result<http_response>)> answered);    // with headers of its own; `target` is read here

  // Runs one thing: an actor's next messages, or, when no actor has any, the next event in time, if that is before `until`. False: nothing.
  bool step(monotonic until = monotonic::max());
  void run_for(timespan d);
  // Until nothing happens any more but timers further away than `quiet`; true when that was reached within `limit`.
  bool run_until_idle(timespan limit, timespan quiet = std::chrono::seconds{1});
  // Something to do later, in virtual time (a simulated client's next move). Survives crashes of the node.
  void after(timespan d, std::function<void()> what);

  void crash();                        // and starts again
  void fail_syncs(int times);          // the next batches of the journal fail to sync

  instant now() const;
  monotonic steady() const;
  random_source& random();             // the seed's
  banyan::journal& journal();          // as the node's disk has it
  const node& running() const;

  std::uint64_t trace() const;         // hash of all that happened so far, in order
  const simulation_counts& counts() const;

 private:
  struct world;
  std::unique_ptr<world> world_;
};

}  // namespace banyan
