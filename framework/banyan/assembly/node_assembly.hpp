// Everything that the patterns of one node have installed. The node starts its actors, the operations port and the
// edge from it. Patterns see only an assembly.
#pragma once

#include <banyan/assembly/assembly.hpp>
#include <banyan/transport/transport.hpp>

#include <map>
#include <utility>

namespace banyan {

// The endpoints of services that other nodes run, by name. A service without an entry can not be reached.
using remote_services = std::map<std::string, std::shared_ptr<const endpoint_set>>;

// What a node provides to its patterns.
struct node_base {
  ports engines;
  std::vector<std::string> only = {};  // services to install; empty: all
  std::string last_end = {};           // how the previous process ended; empty: unknown
  std::int64_t max_lag = 1000;         // events that a view of a ready node may lag behind
  remote_services elsewhere = {};
};

class node_assembly {
 public:
  // All arguments must outlive this.
  node_assembly(const application& app, actor_system& system, metrics_registry& metrics, node_base base);

  // The services to run, in the order of the application.
  std::vector<const plan*> services() const;
  // The services that other nodes run.
  std::vector<const plan*> remote() const;
  // Installs every item of the services to run, and proxies of the remote services. Stops at the first error, which
  // has the item's path.
  result<void> install();
  // Fills the directory; call it when the serving parts of this service have started.
  void connect(const std::string& service);

  // The parts of one service by group.
  struct service_parts {
    std::vector<child_spec> serving, background;
    std::map<std::string, part, std::less<>> where;
    std::vector<std::pair<const message_type*, directory::endpoint>> answers;
    std::unique_ptr<service_scope> scope;
  };
  service_parts& of(const std::string& service) { return services_.at(service); }
  // Data shared by a service's handlers; null: it does not run here.
  const service_scope* scope_of(const std::string& service) const {
    const auto found = services_.find(service);
    return found == services_.end() ? nullptr : found->second.scope.get();
  }

  const banyan::directory& directory() const { return directory_; }
  // What a pattern has offered; null: not offered.
  template <class T>
  std::shared_ptr<T> find(std::string_view key) const {
    const auto offer = offers_.find({type_of<T>(), std::string{key}});
    return offer == offers_.end() ? nullptr : std::static_pointer_cast<T>(offer->second);
  }
  std::vector<health_line> liveness() const;   // lines of the patterns
  std::vector<health_line> readiness() const;  // without those of liveness
  const std::map<std::string, std::function<std::string()>>& inspections() const { return inspections_; }
  const std::vector<operator_command>& commands() const { return commands_; }
  // Of the item with this path; null: it has no dynamic options, or is not installed here.
  const option_setter* setter_of(const std::string& item) const;
  // Notified by patterns whose inspections have changed.
  change_signal& changes() const { return *changes_; }

 private:
  friend assembly;
  result<void> install(const plan& service);
  void reach(const plan& service, const std::shared_ptr<transport>& by);

  const application& app_;
  actor_system& system_;
  metrics_registry& metrics_;
  const node_base base_;
  std::map<std::pair<const message_type*, std::string>, std::shared_ptr<void>> offers_;
  std::map<std::string, service_parts> services_;
  std::vector<assembly::health_source> alive_, ready_;
  std::map<std::string, std::function<std::string()>> inspections_;
  std::vector<operator_command> commands_;
  std::map<std::string, option_setter> setters_;  // by the item's path
  std::shared_ptr<change_signal> changes_ = std::make_shared<change_signal>();
  std::vector<std::pair<std::string, std::function<result<void>()>>> later_;  // with the item's path
  banyan::directory directory_;
};

}  // namespace banyan
