// A running application on one node. Every pattern of the plan installs its actors, operations, metrics, health lines
// and operator commands (assembly/assembly.hpp); the node starts the actors under a supervisor per service, fills the
// directory of receivers, and then starts the background actors that follow the journal (subscriptions) under a second
// supervisor per service. Engines, clock and scheduler are arguments, so that the same node runs in production
// (`banyan::run`) and in simulation.
#pragma once

#include <banyan/actor/system.hpp>
#include <banyan/assembly/node_assembly.hpp>
#include <banyan/journal/journal.hpp>
#include <banyan/observability/health.hpp>
#include <banyan/observability/metrics.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/runtime/crash_loops.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace banyan {

// The environment of a node.
struct engines {
  banyan::ports ports = {};                 // required: the journal's port
  journal_history history = {};             // of the journal, from its info
  std::vector<std::string> only = {};       // services to run; empty: all
  remote_services elsewhere = {};           // services on other nodes; needs a transport in `ports`
  std::string last_end = {};                // how the previous process ended, from its supervisor; empty: unknown
  position max_lag = 1000;                  // events; a view further behind makes the node not ready
  // Waits until a supervisor's children have started; a simulation runs its scheduler meanwhile. Default: blocks, for
  // at most 30 s.
  std::function<result<done>(actor_system&, const address& supervisor)> await_children = {};
};

class node {
 public:
  // `app` must outlive the node. Errors: invalid_argument for an invalid plan; those of a pattern's installation, with
  // its item's path (unavailable or corrupt, naming what could not be opened).
  static result<std::unique_ptr<node>> start(const application& app, actor_system& system, engines with);
  ~node();

  const banyan::directory& directory() const { return assembly_.directory(); }
  actor_system& system() const { return system_; }
  metrics_registry& metrics() { return metrics_; }  // all metrics of this node
  const metrics_registry& metrics() const { return metrics_; }
  banyan::journal& journal() const { return *journal_; }
  const journal_history& history() const { return with_.history; }
  const node_assembly& installed() const { return assembly_; }

  // Liveness: the journal (degraded after an append could not be stored, dead when its file is damaged), services that
  // gave up (dead), and what patterns report.
  std::vector<health_line> liveness() const;
  // Readiness: the same; the clock, while it is behind the journal; what patterns report; crash loops (degraded).
  std::vector<health_line> readiness() const;

 private:
  node(const application& app, actor_system& system, engines with);
  result<done> open();
  result<done> start_tree(const plan& service, const std::string& name, std::vector<child_spec> children);
  void gave_up(const std::string& tree, const error& cause);

  metrics_registry metrics_;  // first member: the others register in it
  const application& app_;
  actor_system& system_;
  engines with_;
  std::shared_ptr<banyan::journal> journal_;
  node_assembly assembly_;
  std::shared_ptr<crash_loops> crash_loops_ = std::make_shared<crash_loops>();
  health given_up_;  // supervisors that gave up
};

}  // namespace banyan
