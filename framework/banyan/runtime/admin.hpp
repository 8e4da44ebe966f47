// The operations port (admin server): the operations page at / (page_endpoints.hpp); /healthz, /readyz, /metrics,
// /topology, /plan (?form=text, json or dot; JSON by default) and /check (check_report.hpp), read only; the events
// (events_endpoints.hpp); and the endpoints of patterns (operator_endpoints.hpp): inspections, and operator commands
// for whoever has the token (operator_token.hpp), such as replaying dead letters and parked streams, or reloading the
// configuration (reload.hpp). Requests from foreign pages are refused as at the edge (request_rules.hpp). Plain HTTP,
// or TLS by the settings admin_tls_...
//
// /healthz is liveness: 503 for what does not recover by itself (the actors make no progress, the journal's file is
// damaged, a service gave up). /readyz is readiness: 503 also for what only takes time (a view that is behind, a
// drain). Expensive pages are rate-limited by CPU time (rendered_page.hpp).
#pragma once

#include <banyan/core/completion.hpp>
#include <banyan/http/message.hpp>
#include <banyan/http/request_rules.hpp>
#include <banyan/http/server.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/runtime/events_endpoints.hpp>
#include <banyan/runtime/heartbeat.hpp>
#include <banyan/runtime/node.hpp>
#include <banyan/runtime/node_settings.hpp>
#include <banyan/runtime/page_endpoints.hpp>
#include <banyan/runtime/reload.hpp>
#include <banyan/runtime/rendered_page.hpp>
#include <banyan/runtime/operator_endpoints.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace banyan {

class admin {
 public:
  // The arguments must outlive this.
  // `reload`: null when the configuration of this node can not be reloaded.
  admin(const application& app, const node_settings& settings, node& running,
        timespan heartbeat_within = heartbeat_limit, configuration_reload* reload = nullptr)
      : app_{app},
        settings_{settings},
        node_{running},
        reload_{reload},
        http_{running.metrics()},
        heartbeat_{running.system(), heartbeat_within},
        events_{running.journal(), settings},
        operators_{running.installed(), settings, commands_of(reload)},
        rules_{parse_origins(settings.allowed_origins).value()},
        page_{app, running, rules_,
              {.readiness = [this] { return readiness(); },
               .metrics = [this] { return metrics(); },
               .heartbeat = [this](completion<done> d) { heartbeat_.ask(std::move(d)); }}} {}

  // Long enough for an actor to answer, shorter than a probe's time-out.
  static constexpr std::chrono::seconds heartbeat_limit{2};
  static constexpr const char* methods = "GET, HEAD, POST, OPTIONS";  // the union over all its paths

  // State changes of the edge, reported by its owner while requests are served here. The server must outlive the call
  // of `edge_closed`.
  void edge_open(const http_server& edge);
  void edge_draining();
  void edge_closed();

  void handle(const http_request& request, completion<http_response> answer);
  // The response that `handle` would give whatever the body; none: the body matters.
  std::optional<http_response> answer_by_head(const http_request& head) const;

 private:
  // Exports the HTTP server's own counters as metrics.
  struct http_meters {
    explicit http_meters(metrics_registry& m);
    void set(const http_server_counters& now) const;
    counter requests, refused, malformed, misdirected, cancelled, refused_connections, spared_connections, unbuffered;
    counter full_handshakes, resumed_handshakes, failed_handshakes, failed_reloads;
    std::array<counter, 4> responses;  // 2xx to 5xx
    gauge connections, in_flight, buffered;
  };
  enum class edge_state : std::uint8_t { not_open, open, draining, closed };
  static std::vector<operator_command> commands_of(configuration_reload* reload);
  // With the values of its options that are in force.
  std::shared_ptr<const application> application_now() const;
  std::optional<http_response> answer_by_path(const http_request& request) const;
  void alive(completion<http_response> answer);
  http_response ready() const;
  std::vector<health_line> readiness() const;
  health_line edge_line() const;
  http_response plan(const http_request& request);
  std::string check() const;
  std::string metrics();

  const application& app_;
  const node_settings& settings_;
  node& node_;
  configuration_reload* const reload_;
  http_meters http_;
  rendered_page metrics_page_, topology_page_, check_page_;
  std::array<rendered_page, 3> plan_pages_;  // by form
  mutable std::mutex edge_lock_;
  edge_state edge_is_ = edge_state::not_open;
  const http_server* edge_ = nullptr;
  heartbeat heartbeat_;
  events_endpoints events_;
  operator_endpoints operators_;
  request_rules rules_;
  page_endpoints page_;  // last member: its thread reads the others
};

}  // namespace banyan
