// What is kept of the requests at the edge: how long each took, by route and range of status (banyan_http_request_seconds), and a line of
// the log with its trace: at level debug, or warning when the answer is 5xx. Warnings of one route and status are one a second, which says
// how many more there were; the others are at level debug then.
//
//   2026-01-02T03:04:05.678Z warning edge: request failed method=POST route=/orders status=503 took=1.2s
//   trace=4bf92f3577b34da6a3ce929d0e0e4736
//
// The route is its pattern, never the path: paths are chosen by others.
#pragma once

#include <banyan/actor/system.hpp>
#include <banyan/http/message.hpp>
#include <banyan/observability/log_folding.hpp>
#include <banyan/observability/metrics.hpp>

#include <array>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

class request_record {
 public:
  // `patterns` as in a route table: "GET /orders/{id}". Both arguments must outlive this and what `watch` gives back.
  request_record(actor_system& system, metrics_registry& metrics, const std::vector<std::string>& patterns);

  // Besides the routes, by their index: what is answered without one.
  std::size_t file() const { return routes_.size() - 2; }
  std::size_t no_route() const { return routes_.size() - 1; }

  // Passes the answer on (an error as problem JSON), with the header `traceparent`, and records it. The time begins here.
  completion<http_response> watch(const std::string& method, std::size_t route, std::string traceparent, completion<http_response> answer);

 private:
  struct route_times {
    std::string pattern, path;
    std::array<std::once_flag, 4> made;  // a series appears with its first answer: most routes never answer 3xx
    std::array<histogram, 4> seconds;    // 2xx to 5xx
  };
  void record(const std::string& method, route_times& route, const std::string& traceparent, int status, timespan took);

  actor_system& system_;
  metrics_registry& metrics_;
  log_folding warnings_;
  std::deque<route_times> routes_;
};

}  // namespace banyan
