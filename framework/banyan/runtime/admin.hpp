// The operations port: /healthz, /readyz, /metrics, /topology, /plan. Reads only.
#pragma once

#include <banyan/core/completion.hpp>
#include <banyan/http/message.hpp>
#include <banyan/http/server.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/runtime/node.hpp>
#include <banyan/runtime/node_settings.hpp>

#include <atomic>

namespace banyan {

class admin {
 public:
  // All of it must outlive this. `edge` may be null while the edge is not open.
  admin(const application& app, const node_settings& settings, const node& running, const std::atomic<bool>& draining, http_server* const& edge)
      : app_{app}, settings_{settings}, node_{running}, draining_{draining}, edge_{edge} {}

  void handle(const http_request& request, completion<http_response> answer) const;

 private:
  http_response ready() const;
  http_response topology() const;
  std::string metrics() const;

  const application& app_;
  const node_settings& settings_;
  const node& node_;
  const std::atomic<bool>& draining_;
  http_server* const& edge_;
};

}  // namespace banyan
