// The interface through which a pattern installs itself into one service of one node. A pattern names a function
// that installs its spec (place::installed_by); the node calls it with an assembly before any actor of the service
// starts:
//
//   result<void> install(const nightly_spec& spec, assembly& a) {
//     auto runs = a.metrics().counter("nightly_runs_total", "Jobs that ran to their end.", {{"job", spec.job}});
//     a.add({.name = "nightly." + spec.job + ".clock", .make = [&spec, worker] { return std::make_unique<nightly_clock>(spec, worker); }});
//     a.answers(type_of<get_nightly_runs>(), {.choose = [worker](message&) { return worker->now(); }});
//     a.inspect("nightly." + spec.job, [done] { return R"({"done":)" + std::to_string(done->load()) + "}"; });
//     return {};
//   }
//
// The node keeps what is installed: children of the service's supervisor, operations in its directory, health lines,
// and inspections and operator commands on the operations port. Programs and simulations use the same functions.
//
// Patterns are installed service by service, in the order of the plan. Use `when_installed` for what needs patterns
// of other services.
#pragma once

#include <banyan/actor/actor_ref.hpp>
#include <banyan/assembly/change_signal.hpp>
#include <banyan/assembly/operator_command.hpp>
#include <banyan/assembly/ports.hpp>
#include <banyan/observability/health.hpp>
#include <banyan/observability/metrics.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/service/context.hpp>
#include <banyan/service/directory.hpp>
#include <banyan/supervision/child_spec.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

class endpoint_set;
class node_assembly;

// An actor added by a pattern: a reference to its current address, also after a replacement.
using part = std::shared_ptr<actor_ref>;

// The supervisor of the service that a part belongs to, which decides when it starts.
enum class part_group : std::uint8_t {
  serving,     // started before the node is ready
  background,  // started when all operations of the node are reachable: followers of the journal
};

struct part_spec {
  std::string name;  // unique in its service; shown in the topology
  actor_factory make;
  part_group group = part_group::serving;
};

// Sets dynamic options of an item while the node runs, all of them or none, and returns the values that they had, in
// the same order. Called by one thread at a time. Errors: not_found, invalid_argument, exhausted.
using option_setter = std::function<result<std::vector<option_value>>(const std::vector<option_value>&)>;

// A router over equal parts, in turn. Thread-safe.
std::function<address(message&)> round_robin(std::vector<part> among);

class assembly {
 public:
  const plan& service() const { return service_; }
  const application& whole() const;
  const plan_item& item() const { return item_; }  // the item being installed

  // Adds children to the service's supervisor, started in this order.
  part add(part_spec p);
  // "<stem>.0", "<stem>.1", ...
  std::vector<part> add(const std::string& stem, int count, const std::function<actor_factory(int)>& make);

  // Enters an operation into the directory when the parts have started.
  void answers(const message_type* request, directory::endpoint how);
  // Sets the link through which this service's handlers call another service.
  void asks(const std::string& service, std::shared_ptr<service_link> through);
  // The nodes that run a service of the application when this one does not; null: it runs here, or can not be reached.
  std::shared_ptr<const endpoint_set> nodes_of(const std::string& service) const;
  // Data shared by the handlers of this service. Complete when all patterns are installed; lives as long as the
  // node.
  const service_scope& scope() const;

  // Opens a port's engine. Errors: unavailable when none is provided; those of the engine.
  template <class Port>
  result<std::shared_ptr<Port>> open(const typename Port::options& with = {}) const {
    return engines().template open<Port>(with);
  }

  // Shares an object with other patterns of the node, by type and key, for the life of the node.
  template <class T>
  void offer(std::string_view key, std::shared_ptr<T> what) {
    keep(type_of<T>(), key, std::move(what));
  }
  template <class T>
  std::shared_ptr<T> find(std::string_view key) const {  // null: not offered so far
    return std::static_pointer_cast<T>(found(type_of<T>(), key));
  }
  // The node's only T; the first call makes it.
  template <class T, class Make>
  std::shared_ptr<T> shared(Make&& make) {
    if (auto there = find<T>({})) return there;
    std::shared_ptr<T> made = make();
    offer<T>({}, made);
    return made;
  }

  actor_system& system() const;
  metrics_registry& metrics() const;
  std::int64_t max_lag() const;         // events that a view of a ready node may lag behind
  const std::string& last_end() const;  // how the previous process ended, from its supervisor; empty: unknown

  // Called at every health check, from any thread, until the node ends. `alive` lines are part of /healthz, all
  // lines of /readyz.
  using health_source = std::function<void(std::vector<health_line>& out)>;
  void alive(health_source lines);
  void ready(health_source lines);
  // A JSON document served by the operations port, and shown by its page. Read often while somebody looks, from any
  // thread: it must be cheap.
  void inspect(std::string name, std::function<std::string()> json);
  // Takes new values of this item's dynamic options (place::dynamic) after the configuration was reloaded.
  void takes_options(option_setter set);
  // To be notified when an inspection has changed in a way that an operator should see at once.
  std::shared_ptr<const change_signal> changes() const;
  void command(operator_command c);
  // Called after all patterns of the node are installed, before anything starts.
  void when_installed(std::function<result<void>()> then);

 private:
  friend node_assembly;
  assembly(node_assembly& node, const plan& service, const plan_item& item) : node_{node}, service_{service}, item_{item} {}
  const ports& engines() const;
  void keep(const message_type* type, std::string_view key, std::shared_ptr<void> what);
  std::shared_ptr<void> found(const message_type* type, std::string_view key) const;

  node_assembly& node_;
  const plan& service_;
  const plan_item& item_;
};

}  // namespace banyan
