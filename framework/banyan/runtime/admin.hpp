// The operations port: /healthz, /readyz, /metrics, /topology, /plan, which read only; and what an operator may do (operator_endpoints.hpp).
//
// /healthz answers 503 when something will not mend by itself: the actors make no progress, the journal's file is damaged, a service gave
// up. /readyz answers 503 also for what only takes time: a view that is behind, a drain.
#pragma once

#include <banyan/core/completion.hpp>
#include <banyan/http/message.hpp>
#include <banyan/http/server.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/runtime/heartbeat.hpp>
#include <banyan/runtime/node.hpp>
#include <banyan/runtime/node_settings.hpp>
#include <banyan/runtime/operator_endpoints.hpp>

#include <array>
#include <atomic>

namespace banyan {

class admin {
 public:
  // All of it must outlive this. `edge` may be null while the edge is not open.
  admin(const application& app, const node_settings& settings, node& running, const std::atomic<bool>& draining, http_server* const& edge,
        timespan beat_within = heartbeat_limit)
      : app_{app},
        settings_{settings},
        node_{running},
        draining_{draining},
        edge_{edge},
        http_{running.metrics()},
        beat_{running.system(), beat_within},
        operators_{running, settings} {}

  // Long for an actor, short for whoever watches.
  static constexpr std::chrono::seconds heartbeat_limit{2};

  void handle(const http_request& request, completion<http_response> answer);

 private:
  // What the HTTP server counts itself.
  struct http_meters {
    explicit http_meters(metrics_registry& m);
    void set(const http_server_counters& now) const;
    counter requests, refused, malformed;
    std::array<counter, 4> responses;  // 2xx to 5xx
    gauge connections, in_flight;
  };
  void alive(completion<http_response> answer);
  http_response ready() const;
  std::string metrics();

  const application& app_;
  const node_settings& settings_;
  node& node_;
  const std::atomic<bool>& draining_;
  http_server* const& edge_;
  http_meters http_;
  heartbeat beat_;
  operator_endpoints operators_;
};

}  // namespace banyan
