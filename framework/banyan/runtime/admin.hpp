// The operations port: /healthz, /readyz, /metrics, /topology, /plan, which read only; and what patterns bring (operator_endpoints.hpp): what can be
// looked at, and what an operator may do who has the token (operator_token.hpp), such as to see to dead letters and parked streams. Requests that foreign pages send are
// refused as at the edge (request_rules.hpp).
//
// /healthz answers 503 when something will not mend by itself: the actors make no progress, the journal's file is damaged, a service gave
// up. /readyz answers 503 also for what only takes time: a view that is behind, a drain. What is expensive to make is not made for each of a
// flood of requests (rendered_page.hpp).
#pragma once

#include <banyan/core/completion.hpp>
#include <banyan/http/message.hpp>
#include <banyan/http/request_rules.hpp>
#include <banyan/http/server.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/runtime/heartbeat.hpp>
#include <banyan/runtime/node.hpp>
#include <banyan/runtime/node_settings.hpp>
#include <banyan/runtime/rendered_page.hpp>
#include <banyan/runtime/operator_endpoints.hpp>

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

namespace banyan {

class admin {
 public:
  // All of it must outlive this.
  admin(const application& app, const node_settings& settings, node& running, timespan heartbeat_within = heartbeat_limit)
      : app_{app},
        settings_{settings},
        node_{running},
        http_{running.metrics()},
        heartbeat_{running.system(), heartbeat_within},
        operators_{running.installed(), settings},
        rules_{parse_origins(settings.allowed_origins).value()} {}

  // Long for an actor, short for whoever watches.
  static constexpr std::chrono::seconds heartbeat_limit{2};
  static constexpr const char* methods = "GET, HEAD, POST, OPTIONS";  // of all its paths together

  // What becomes of the edge, told by whoever opens and closes it, while requests come here. The server must stay until `edge_closed`.
  void edge_open(const http_server& edge);
  void edge_draining();
  void edge_closed();

  void handle(const http_request& request, completion<http_response> answer);
  // What `handle` would answer whatever the body is; nothing when the body matters.
  std::optional<http_response> answer_by_head(const http_request& head) const;

 private:
  // What the HTTP server counts itself.
  struct http_meters {
    explicit http_meters(metrics_registry& m);
    void set(const http_server_counters& now) const;
    counter requests, refused, malformed, misdirected, cancelled, refused_connections, spared_connections, unbuffered;
    std::array<counter, 4> responses;  // 2xx to 5xx
    gauge connections, in_flight, buffered;
  };
  enum class edge_state : std::uint8_t { not_open, open, draining, closed };
  std::optional<http_response> answer_by_path(const http_request& request) const;
  void alive(completion<http_response> answer);
  http_response ready() const;
  health_line edge_line() const;
  std::string metrics();

  const application& app_;
  const node_settings& settings_;
  node& node_;
  http_meters http_;
  rendered_page metrics_page_, topology_page_, plan_page_;
  mutable std::mutex edge_lock_;
  edge_state edge_is_ = edge_state::not_open;
  const http_server* edge_ = nullptr;
  heartbeat heartbeat_;
  operator_endpoints operators_;
  request_rules rules_;
};

}  // namespace banyan
