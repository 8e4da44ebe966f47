// A node that runs for real (threads, sockets) on engines in memory, with its edge and its operations port: what `serve` starts, for tests.
#pragma once

#include <tests/framework/runtime/node_access.hpp>

#include <banyan/http/server.hpp>
#include <banyan/runtime/actor_log.hpp>
#include <banyan/runtime/admin.hpp>
#include <banyan/runtime/edge.hpp>
#include <banyan/engines/memory/memory_journal.hpp>
#include <banyan/test_kit/http_client.hpp>

#include <catch2/catch.hpp>

#include <memory>
#include <string>

namespace banyan::test {

class running_node {
 public:
  struct options {
    std::size_t threads = 2;
    timespan heartbeat_within = admin::heartbeat_limit;
    banyan::journal* journal = nullptr;  // instead of the one in memory
    std::string operator_token = {};
  };
  explicit running_node(const application& app) : running_node{app, {}} {}
  running_node(const application& app, options o) : system{{.threads = o.threads, .observer = log_actor_event}} {
    node = node::start(app, system, standing_on(o.journal ? *o.journal : journal, journal.history(), views_)).value();
    settings_.operator_token = o.operator_token;
    front_ = std::make_unique<edge>(app, *node, edge_options{.title = app.name});
    operations_ = std::make_unique<admin>(app, settings_, *node, o.heartbeat_within);
    admin_server_ =
        http_server::start({}, [this](http_request r, completion<http_response> a) { operations_->handle(r, std::move(a)); }).value();
    server_ =
        http_server::start({}, [this](http_request r, completion<http_response> a) { front_->handle(std::move(r), std::move(a)); }).value();
    operations_->edge_open(*server_);
  }
  ~running_node() {
    operations_->edge_closed();
    server_.reset();
    admin_server_.reset();
    operations_.reset();  // before what it refers to
    system.shutdown();
  }

  http_response send(std::string method, std::string target, std::string body = {}) {
    http_request r;
    r.method = std::move(method);
    r.target = std::move(target);
    r.body = std::move(body);
    if (!r.body.empty()) r.headers.add("Content-Type", "application/json");
    return client(*server_).send(std::move(r));
  }
  // From the operations port.
  http_response operations(std::string target) { return client(*admin_server_).get(std::move(target)); }
  http_response operations(std::string method, std::string target) {
    http_request r;
    r.method = std::move(method);
    r.target = std::move(target);
    return client(*admin_server_).send(std::move(r));
  }
  admin& operations() { return *operations_; }
  std::uint16_t operations_port() const { return admin_server_->port(); }
  // POST to the operations port.
  http_response order(std::string target, std::string authorization) {
    http_request r;
    r.method = "POST";
    r.target = std::move(target);
    if (!authorization.empty()) r.headers.set("Authorization", std::move(authorization));
    return client(*admin_server_).send(std::move(r));
  }
  http_response operations(http_request r) { return client(*admin_server_).send(std::move(r)); }

 private:
  static test_kit::blocking_http_client client(const http_server& s) { return test_kit::blocking_http_client{s.port()}; }

  memory_view_disk views_;
  node_settings settings_;
  std::unique_ptr<edge> front_;
  std::unique_ptr<admin> operations_;

 public:
  memory_journal journal;
  std::unique_ptr<banyan::node> node;
  actor_system system;

 private:
  std::unique_ptr<http_server> admin_server_, server_;
};

}  // namespace banyan::test
