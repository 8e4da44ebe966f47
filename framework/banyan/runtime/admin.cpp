#include <banyan/runtime/admin.hpp>

#include <banyan/core/json.hpp>
#include <banyan/observability/health.hpp>
#include <banyan/runtime/topology.hpp>

namespace banyan {

namespace {

http_response to_response(const health_answer& a) { return http_response::json_text(a.body, a.status); }

}  // namespace

void admin::handle(const http_request& request, completion<http_response> answer) {
  if (operator_endpoints::takes(request)) return operators_.handle(request, std::move(answer));
  if (request.method != "GET" && request.method != "HEAD") {
    answer(http_response::problem(error{code::invalid_argument, "the operations port is read-only"}, 405));
    return;
  }
  auto path = request.path.empty() ? std::string{} : request.path.front();
  if (path == "healthz")
    alive(std::move(answer));
  else if (path == "readyz")
    answer(ready());
  else if (path == "metrics") {
    http_response r{200, {}, metrics()};
    r.headers.set("Content-Type", std::string{metrics_registry::media_type});
    answer(std::move(r));
  } else if (path == "topology")
    answer(http_response::json_text(to_json(topology_of(node_.system()))));
  else if (path == "plan")
    answer(http_response::json_text(describe(app_, describe_form::json)));
  else
    answer(http_response::problem(error{code::not_found, "here are /healthz, /readyz, /metrics, /topology, /plan, /dead-letters and /parked"}));
}

void admin::alive(completion<http_response> answer) {
  beat_.ask([this, answer = std::move(answer)](result<done> beat) mutable {
    auto lines = node_.liveness();
    if (!beat)
      lines.push_back({"actors", health_state::dead, "no actor answered within " + to_string(beat_.limit()) + ": " + beat.error().message});
    answer(to_response(healthz(lines)));
  });
}

http_response admin::ready() const {
  auto lines = node_.readiness(settings_.max_lag);
  lines.push_back(draining_ ? health_line{"edge", health_state::waiting, "draining"}
                            : health_line{"edge", edge_ ? health_state::ready : health_state::waiting, edge_ ? "open" : "not open yet"});
  return to_response(readyz(lines));
}

std::string admin::metrics() {
  if (edge_) http_.set(edge_->counters());
  return node_.metrics().text();
}

admin::http_meters::http_meters(metrics_registry& m)
    : requests{m.counter("banyan_http_requests_total", "Well-formed requests.")},
      refused{m.counter("banyan_http_requests_refused_total", "Answered 503: too many under way.")},
      malformed{m.counter("banyan_http_malformed_total", "Refused by the rules of HTTP.")},
      connections{m.gauge("banyan_http_connections_open", "Connections now.")},
      in_flight{m.gauge("banyan_http_requests_in_flight", "Requests in handlers now.")} {
  for (std::size_t i = 0; i < responses.size(); ++i)
    responses[i] = m.counter("banyan_http_responses_total", "Responses by range of status.", {{"status", std::to_string(i + 2) + "xx"}});
}

void admin::http_meters::set(const http_server_counters& now) const {
  requests.raise_to(now.requests);
  refused.raise_to(now.requests_refused);
  malformed.raise_to(now.malformed);
  const std::array by_range{now.responses_2xx, now.responses_3xx, now.responses_4xx, now.responses_5xx};
  for (std::size_t i = 0; i < by_range.size(); ++i) responses[i].raise_to(by_range[i]);
  connections.set(static_cast<double>(now.connections_open));
  in_flight.set(static_cast<double>(now.requests_in_flight));
}

}  // namespace banyan
