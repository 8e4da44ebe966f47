// A node that serves: engines, actors, the operations port and the edge, started in this order and stopped without losing a request.
//
//   auto node = serving::start(app, settings);
//   if (!node) return node.error();               // an engine, a part of the plan or a port
//   std::cout << (*node)->url();                  // "http://127.0.0.1:8080"
//   (*node)->stop();
//
// This is `shop serve` without signals and supervisors (serve.hpp), so a test can start and stop it. The operations port is open from before
// the edge opens until after it has closed.
#pragma once

#include <banyan/http/server.hpp>
#include <banyan/observability/log.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/runtime/admin.hpp>
#include <banyan/runtime/edge.hpp>
#include <banyan/runtime/node.hpp>
#include <banyan/runtime/node_settings.hpp>
#include <banyan/runtime/open_engines.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace banyan {

class serving {
 public:
  // `app` and `settings` must outlive it. Errors: those of the engines, of node::start and of http_server::start.
  static result<std::unique_ptr<serving>> start(const application& app, const node_settings& settings);
  ~serving();  // without `stop`: cuts what is under way

  std::string url() const;             // until `stop`, as the three below
  std::string operations_url() const;
  std::uint16_t port() const { return edge_server_->port(); }
  std::uint16_t operations_port() const { return operations_server_->port(); }
  actor_system& system() { return *system_; }
  bool is_dead() const;  // something will not mend by itself

  // From now on not ready, and after `drain_lead` not reachable; requests that were sent are answered, for `drain_timeout` at most; then
  // the operations port and the actors end. False: something had to be cut. Call it once.
  bool stop();

 private:
  serving(const application& app, const node_settings& settings) : app_{app}, settings_{settings}, log_{app.name} {}
  result<done> open();

  const application& app_;
  const node_settings& settings_;
  const logger log_;
  // What actors refer to ends after them.
  open_engines engines_;
  std::unique_ptr<node> node_;
  std::unique_ptr<edge> edge_;
  std::unique_ptr<actor_system> system_;
  std::unique_ptr<admin> operations_;
  std::unique_ptr<http_server> operations_server_, edge_server_;
};

// A problem for each name in the setting `only` that is none of the application's services.
std::vector<problem> check_services(const application& app, const node_settings& settings);

// What is wrong with the addresses to listen on, by setting, as `serving::start` would find it.
std::vector<problem> check_listening(const node_settings& settings);

}  // namespace banyan
