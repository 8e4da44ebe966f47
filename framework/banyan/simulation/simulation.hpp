// A system in simulation: real applications, actors and patterns, on one thread, in virtual time, with everything that
// is left to chance (which actor runs next, how long a disk takes, what a link does, ids, jitter) drawn from one seed.
// The same seed gives the same run, always; a failing seed is a test case. Days of back-off take milliseconds.
//
//   simulation world{app, {.seed = 42}};                                       // one node, named as the application
//   world.request("POST", "/orders", body, [&](result<http_response> r) { ... });   // answered when the world gets there
//   world.run_for(10s);
//   world.crash();                                                             // power loss, then the node starts again from its disks
//   world.run_until_idle(60s);
//
// Several nodes, with links between them and to the clients; faults by hand or by a plan (faults.hpp); actors that talk
// across nodes (simulated_actors.hpp):
//
//   simulation world{{.seed = 42, .faults = plan, .network = {1ms, 5ms}, .trace_log = 200}};
//   world.add("shop", app);
//   world.add("bank", [](simulated_actors& here) { here.publish("account", here.system().spawn(make_account)); });
//   world.add("stock", app, {"inventory"});                             // a node for one service
//   world.inject({.kind = fault_kind::cut_one_way, .node = "shop", .to = "bank", .lasts = 2s});
//   for (auto& line : world.trace_log()) std::cout << line << '\n';
//
// To look for a seed that fails, and to have it made small, give `simulate` (simulate.hpp) a scenario.
//
// What it stands on: CAF's deterministic scheduler and test clock (caf/scheduler/test_coordinator.hpp), a
// memory_journal whose unsynced operations a crash loses in part, views in memory whose writes take time. Not
// simulated: sockets, files, real threads; their own tests cover them.
#pragma once

#include <banyan/core/ids.hpp>
#include <banyan/core/time.hpp>
#include <banyan/journal/journal.hpp>
#include <banyan/http/message.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/simulation/simulated_actors.hpp>
#include <banyan/simulation/simulation_options.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace banyan {

class node;

// A law that a simulated system broke. The law is the same sentence whatever it was broken on; the case says what was found.
class broken_law : public std::runtime_error {
 public:
  broken_law(std::string law, const std::string& found)
      : std::runtime_error{law + (found.empty() ? "" : ": " + found)}, law_{std::move(law)} {}
  const std::string& law() const { return law_; }

 private:
  std::string law_;
};

class simulation {
 public:
  using answer_function = std::function<void(result<http_response>)>;

  // Starts the application. `app` must outlive the simulation. Throws result_error when it does not start.
  simulation(const application& app, simulation_options options);
  // No node yet.
  explicit simulation(simulation_options options);
  ~simulation();
  simulation(const simulation&) = delete;
  simulation& operator=(const simulation&) = delete;

  // A further node, which starts at once, and after each of its crashes. The first one is meant wherever none is named.
  void add(std::string name, const application& app);
  // One that runs these services of it. It asks the others of the nodes that run them, whenever those were added.
  void add(std::string name, const application& app, std::vector<std::string> only);
  void add(std::string name, std::function<void(simulated_actors&)> actors);

  // A request to the edge of a node, as over HTTP. Answered exactly once, possibly with an error: `unavailable` when the node is down or
  // crashes meanwhile, `deadline_exceeded` when nothing has come within the client's patience. Over a link that duplicates, it may be
  // handled twice.
  void request(std::string method, std::string target, std::string body, answer_function answered);  // a body that is not empty is JSON
  void request(http_request r, answer_function answered);  // with headers of its own; `target` is read here
  void request_to(const std::string& node, http_request r, answer_function answered);

  // Runs one thing: an actor's next message, or, when no actor has any, what is next in time, if that is before `until`. False: nothing.
  bool step(monotonic until = monotonic::max());
  void run_for(timespan d);
  // Until nothing happens any more but timers further away than `quiet`; true when that was reached within `limit`.
  bool run_until_idle(timespan limit, timespan quiet = std::chrono::seconds{1});
  // Something to do later, in virtual time (a simulated client's next move). Survives crashes of nodes.
  void after(timespan d, std::function<void()> what);

  void crash();                         // and starts again at once
  // The first node's power fails, and it starts again with a journal that ends at `kept`: an older copy was put in its place. Views stay.
  void restore_journal(position kept);
  void fail_syncs(int times);           // the next batches of the journal fail to sync
  void inject(const planned_fault& f);  // now, whatever its `at`. Throws std::invalid_argument for a node that is not here
  // No fault strikes any more: links are whole, armed crashes are disarmed; who is down or paused comes back when it would.
  void heal();

  // Throws broken_law unless `holds`.
  void require(bool holds, std::string law, const std::string& found = {}) const;

  instant now() const;
  monotonic steady() const;
  random_source& random();                                                        // the scenario's, of the seed
  banyan::journal& journal();                                                     // as the node's disk has it
  const std::vector<recorded_event>& stored(const std::string& node = {}) const;  // all of it, at once
  const node& running() const;                                                    // the first node, which must be up
  bool is_up(const std::string& node) const;

  std::uint64_t trace() const;  // hash of all that happened so far, in order
  simulation_counts counts() const;
  std::vector<std::string> trace_log() const;
  void record(std::string_view what);  // a line of the scenario's own

 private:
  struct world;
  std::unique_ptr<world> world_;
};

}  // namespace banyan
