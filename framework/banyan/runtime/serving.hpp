// A serving node: engines, actors, operations port and edge, started in this order, and stopped without losing a
// request.
//
//   auto node = serving::start(app, settings);
//   if (!node) return node.error();               // an engine, a part of the plan or a port
//   std::cout << (*node)->url();                  // "http://127.0.0.1:8080"
//   (*node)->stop();
//
// `shop serve` without signals and process supervisor (serve.hpp), so that tests can start and stop it. The operations
// port opens before the edge, and closes after it.
#pragma once

#include <banyan/http/server.hpp>
#include <banyan/observability/log.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/runtime/admin.hpp>
#include <banyan/runtime/edge.hpp>
#include <banyan/runtime/node.hpp>
#include <banyan/runtime/node_settings.hpp>
#include <banyan/runtime/open_engines.hpp>
#include <banyan/runtime/otlp_exporter.hpp>
#include <banyan/runtime/reload.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace banyan {

class serving {
 public:
  // `app` and `settings` must outlive it. `read`: for reloads; without it there are none. Errors: those of the engines,
  // node::start and http_server::start.
  static result<std::unique_ptr<serving>> start(const application& app, const node_settings& settings,
                                                read_configuration read = {});
  ~serving();  // without `stop`: cuts open requests

  std::string url() const;             // like the next three, valid until `stop`
  std::string operations_url() const;
  std::uint16_t port() const { return edge_server_->port(); }
  std::uint16_t operations_port() const { return operations_server_->port(); }
  actor_system& system() { return *system_; }
  bool is_dead() const;  // liveness: something can not recover by itself

  // Reloads the configuration (reload.hpp); thread-safe, before `stop`. Empty: it was started without `read`.
  std::optional<reload_report> reload();

  // Graceful shutdown: not ready from now on; unreachable after `drain_lead`; requests that were sent are answered,
  // for `drain_timeout` at most; then the operations port and the actors end, and their last spans are exported, for
  // two seconds at most. False: something was cut. Call it once.
  bool stop();

 private:
  serving(const application& app, const node_settings& settings, read_configuration read)
      : app_{app}, settings_{settings}, read_{std::move(read)}, log_{app.name} {}
  result<done> open();
  void start_export();

  const application& app_;
  const node_settings& settings_;
  const read_configuration read_;
  const logger log_;
  // Destroyed after the actors, which refer to them.
  open_engines engines_;
  std::unique_ptr<node> node_;
  std::unique_ptr<configuration_reload> reload_;  // null: there are no reloads
  std::unique_ptr<edge> edge_;
  std::unique_ptr<actor_system> system_;
  std::unique_ptr<admin> operations_;
  std::unique_ptr<http_server> operations_server_, edge_server_;
  std::unique_ptr<otlp_exporter> exporter_;  // reads the node's metrics
};

// A problem for each unknown service name in the setting `only`.
std::vector<problem> check_services(const application& app, const node_settings& settings);

// Checks the listen addresses as `serving::start` would, by setting.
std::vector<problem> check_listening(const node_settings& settings);

}  // namespace banyan
