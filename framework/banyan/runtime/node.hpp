// A running application on one node: the plan interpreted. Every pattern installs its own actors, operations, metrics, health lines and operator
// commands (assembly/assembly.hpp); the node starts the actors under a supervisor per service, fills the directory of who answers what, and
// then starts what follows the journal on its own account (subscriptions) under a second supervisor per service. Engines, clock and scheduler
// are handed in, so the same node runs for real (`banyan::run`) and in simulation.
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

// What a node stands on.
struct engines {
  banyan::ports ports = {};                 // the journal's port at least
  journal_history history = {};             // of the journal, as its info tells
  std::vector<std::string> only = {};       // services to run; empty: all
  remote_services elsewhere = {};           // where the others are answered; needs a transport among the ports
  std::string last_end = {};                // how the process before this one ended, as its supervisor told; empty: unknown
  position max_lag = 1000;                  // events that a view may be behind on a node that is ready
  // Waits until a supervisor's children are up; a simulation steps its scheduler meanwhile. Default: blocks, for 30 s at most.
  std::function<result<done>(actor_system&, const address& supervisor)> await_children = {};
};

class node {
 public:
  // `app` must outlive the node. Errors: invalid_argument for a plan that is not sound; what a pattern's installation says, with its item's path
  // (unavailable or corrupt, naming what could not be opened).
  static result<std::unique_ptr<node>> start(const application& app, actor_system& system, engines with);
  ~node();

  const banyan::directory& directory() const { return assembly_.directory(); }
  actor_system& system() const { return system_; }
  metrics_registry& metrics() { return metrics_; }  // all that is counted on this node
  const metrics_registry& metrics() const { return metrics_; }
  banyan::journal& journal() const { return *journal_; }
  const journal_history& history() const { return with_.history; }
  const node_assembly& installed() const { return assembly_; }

  // The journal: degraded after an append that could not be stored, dead when its file is damaged. A service that gave up is dead. What patterns
  // report as dead.
  std::vector<health_line> liveness() const;
  // The same; the clock, while it is behind the journal; what patterns report; and per part that crashes again and again: degraded.
  std::vector<health_line> readiness() const;

 private:
  node(const application& app, actor_system& system, engines with);
  result<done> open();
  result<done> start_tree(const plan& service, const std::string& name, std::vector<child_spec> children);
  void gave_up(const std::string& tree, const error& cause);

  metrics_registry metrics_;  // the first member: the others count there
  const application& app_;
  actor_system& system_;
  engines with_;
  std::shared_ptr<banyan::journal> journal_;
  node_assembly assembly_;
  std::shared_ptr<crash_loops> crash_loops_ = std::make_shared<crash_loops>();
  health given_up_;  // trees of actors whose supervisor has ended
};

}  // namespace banyan
