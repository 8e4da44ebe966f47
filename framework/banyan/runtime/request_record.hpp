// Records the requests at the edge: duration by route and status class (banyan_http_request_seconds), and a log line
// with the trace, at level debug, or warning for 5xx. Warnings are rate-limited to one per second for each route and
// status, with the number of those suppressed; suppressed ones are logged at level debug.
//
//   2026-01-02T03:04:05.678Z warning edge: request failed method=POST route=/orders status=503 took=1.2s
//   trace=4bf92f3577b34da6a3ce929d0e0e4736
//
// The route is its pattern, never the path, which clients choose.
#pragma once

#include <banyan/actor/system.hpp>
#include <banyan/http/message.hpp>
#include <banyan/observability/log_folding.hpp>
#include <banyan/observability/metrics.hpp>
#include <banyan/observability/tracer.hpp>

#include <array>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

// The attribute http.request.method: the method, or "_OTHER".
std::string_view known_method(std::string_view method);

class request_record {
 public:
  // `patterns` as in a route table: "GET /orders/{id}". Both other arguments must outlive this and the completions of
  // `watch`.
  request_record(actor_system& system, metrics_registry& metrics, const std::vector<std::string>& patterns);

  // Pseudo-routes, as indices behind those of the routes.
  std::size_t file() const { return routes_.size() - 2; }
  std::size_t no_route() const { return routes_.size() - 1; }

  // Starts the clock. The returned completion forwards the answer (an error as problem JSON) with a `traceparent`
  // header, records it, and ends the request's span.
  completion<http_response> watch(const std::string& method, std::size_t route, tracer::entry trace,
                                  completion<http_response> answer);
  // The name of a request's span: "GET /orders/{id}", or the method alone if no route matches.
  std::string name(const std::string& method, std::size_t route) const;
  // The route's path, as the attribute http.route; empty: no route.
  std::string_view path(std::size_t route) const;

 private:
  struct route_times {
    std::string pattern, path;
    std::array<std::once_flag, 4> made;  // registered at the first response: most routes never answer 3xx
    std::array<histogram, 4> seconds;    // 2xx to 5xx
  };
  void record(const std::string& method, route_times& route, const std::string& traceparent, int status,
              monotonic begun);

  actor_system& system_;
  metrics_registry& metrics_;
  log_folding warnings_;
  std::deque<route_times> routes_;
};

}  // namespace banyan
