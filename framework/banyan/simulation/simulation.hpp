// A simulation: real applications, actors and patterns, on one thread, in virtual time, with every random choice
// (which actor runs next, disk times, faults of links, ids, jitter) drawn from one seed. The same seed always gives
// the same run, so a failing seed is a test case. Days of back-off take milliseconds.
//
//   simulation world{app, {.seed = 42}};  // one node, named after the application
//   world.request("POST", "/orders", body, [&](result<http_response> r) { ... });  // answered while the world runs
//   world.run_for(10s);
//   world.crash();  // power loss and restart from its disks
//   world.run_until_idle(60s);
//
// Several nodes, with links between them and to the clients; faults by hand or by a plan (faults.hpp); actors that
// communicate across nodes (simulated_actors.hpp):
//
//   simulation world{{.seed = 42, .faults = plan, .network = {1ms, 5ms}, .trace_log = 200}};
//   world.add("shop", app);
//   world.add("bank", [](simulated_actors& here) { here.publish("account", here.system().spawn(make_account)); });
//   world.add("stock", app, {"inventory"});                             // a node with one service
//   world.inject({.kind = fault_kind::cut_one_way, .node = "shop", .to = "bank", .lasts = 2s});
//   for (auto& line : world.trace_log()) std::cout << line << '\n';
//
// To search for a failing seed and minimise it, pass a scenario to `simulate` (simulate.hpp).
//
// Based on a scheduler and a clock that are stepped (actor/simulated_scheduler.hpp), a memory_journal whose unsynced
// operations are lost in part by a crash, and in-memory views whose writes take time. Not simulated:
// sockets, files, real threads; these have tests of their own.
#pragma once

#include <banyan/core/ids.hpp>
#include <banyan/core/time.hpp>
#include <banyan/journal/journal.hpp>
#include <banyan/http/message.hpp>
#include <banyan/observability/span.hpp>
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

// A violated law of a simulated system. `law` is a constant sentence; `found` describes the case.
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

  // Starts the application, which must outlive the simulation. Throws result_error when it does not start.
  simulation(const application& app, simulation_options options);
  // Without nodes.
  explicit simulation(simulation_options options);
  ~simulation();
  simulation(const simulation&) = delete;
  simulation& operator=(const simulation&) = delete;

  // Adds a node, which starts at once and after each crash. The first node is the default of all functions.
  void add(std::string name, const application& app);
  // A node that runs only these services; it calls the others on the nodes that run them, whenever those were added.
  void add(std::string name, const application& app, std::vector<std::string> only);
  void add(std::string name, std::function<void(simulated_actors&)> actors);

  // A request to a node's edge, as over HTTP. Answered exactly once; errors: `unavailable` when the node is down or
  // crashes, `deadline_exceeded` after the client's patience. A link that duplicates may cause it to be handled
  // twice.

  // A non-empty body is JSON.
  void request(std::string method, std::string target, std::string body, answer_function answered);
  void request(http_request r, answer_function answered);  // with headers; parses `target`
  void request_to(const std::string& node, http_request r, answer_function answered);

  // Runs one step: an actor's next message, or else the next timed event before `until`. False: there was none.
  bool step(monotonic until = monotonic::max());
  void run_for(timespan d);
  // Runs until no message is left and no timer is due within `quiet`; true when that was reached within `limit`.
  bool run_until_idle(timespan limit, timespan quiet = std::chrono::seconds{1});
  // Schedules an action in virtual time (a simulated client's next step). Survives crashes of nodes.
  void after(timespan d, std::function<void()> what);
  // Calls `look` after each step, until the returned token is dropped. It only looks: it may not run the world, and
  // does not change the run. What it throws leaves the function that runs the world.
  [[nodiscard]] std::shared_ptr<void> after_each_step(std::function<void()> look);

  void crash();                         // the first node; it restarts at once
  // Power failure of the first node, which restarts with a journal cut at position `kept`, as from an older backup.
  // Views stay.
  void restore_journal(position kept);
  void fail_syncs(int times);           // the next `times` batches of the journal fail to sync
  void inject(const planned_fault& f);  // now, ignoring `at`. Throws std::invalid_argument for an unknown node
  // Ends all faults: links are healthy, armed crashes are disarmed; crashed and paused nodes return at their time.
  void heal();

  // Throws broken_law unless `holds`.
  void require(bool holds, std::string law, const std::string& found = {}) const;

  instant now() const;
  monotonic steady() const;
  random_source& random();                                                        // the scenario's stream of the seed
  banyan::journal& journal();                                                     // the first node's stored journal
  const std::vector<recorded_event>& stored(const std::string& node = {}) const;  // all stored events
  const node& running() const;                                                    // the first node; it must be up
  bool is_up(const std::string& node) const;

  std::uint64_t trace() const;  // hash of all events so far, in order
  simulation_counts counts() const;
  std::vector<std::string> trace_log() const;
  // The spans that ended since the last call, by node, in the order of their ends (`record_spans`; at most 65,000 a
  // node). A span that had not ended when its node crashed is lost. Ids are of the seed.
  std::vector<span> spans();
  void record(std::string_view what);  // adds a line to the trace

 private:
  struct world;
  std::unique_ptr<world> world_;
};

}  // namespace banyan
