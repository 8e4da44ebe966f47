#include <banyan/runtime/admin.hpp>

#include <banyan/observability/health.hpp>
#include <banyan/observability/metrics.hpp>

#include <boost/json.hpp>

namespace banyan {

namespace {

http_response to_response(const health_answer& a) { return http_response::json_text(a.body, a.status); }

}  // namespace

void admin::handle(const http_request& request, completion<http_response> answer) const {
  if (request.method != "GET" && request.method != "HEAD") {
    answer(http_response::problem(error{code::invalid_argument, "the operations port is read-only"}, 405));
    return;
  }
  auto path = request.path.empty() ? std::string{} : request.path.front();
  if (path == "healthz")
    answer(to_response(healthz({})));
  else if (path == "readyz")
    answer(ready());
  else if (path == "metrics") {
    http_response r{200, {}, metrics()};
    r.headers.set("Content-Type", std::string{metrics_registry::media_type});
    answer(std::move(r));
  } else if (path == "topology")
    answer(topology());
  else if (path == "plan")
    answer(http_response::json_text(describe(app_, describe_form::json)));
  else
    answer(http_response::problem(error{code::not_found, "here are /healthz, /readyz, /metrics, /topology and /plan"}));
}

http_response admin::ready() const {
  auto lines = node_.readiness(settings_.max_lag);
  lines.push_back(draining_ ? health_line{"edge", health_state::waiting, "draining"}
                            : health_line{"edge", edge_ ? health_state::ready : health_state::waiting, edge_ ? "open" : "not open yet"});
  return to_response(readyz(lines));
}

http_response admin::topology() const {
  boost::json::array actors;
  for (auto& a : node_.system().topology())
    actors.push_back({{"id", a.id}, {"parent", a.parent}, {"name", a.name}, {"phase", a.phase}, {"restarts", a.restarts}, {"last_cause", a.last_cause}});
  auto c = node_.system().counters();
  return http_response::json(boost::json::object{{"actors", std::move(actors)},
                                                 {"crashes", c.crashes},
                                                 {"restarts", c.restarts},
                                                 {"stopped", c.stopped},
                                                 {"refused_while_down", c.refused_while_down}});
}

// What others count already is read when somebody asks.
std::string admin::metrics() const {
  metrics_registry m;
  auto c = node_.system().counters();
  m.counter("banyan_actor_crashes_total", "Handlers that threw.").add(c.crashes);
  m.counter("banyan_actor_restarts_total", "Restarts in place.").add(c.restarts);
  m.counter("banyan_actor_stops_total", "Actors that ended.").add(c.stopped);
  m.counter("banyan_actor_refused_total", "Requests answered 'restarting'.").add(c.refused_while_down);
  for (auto& v : node_.views()) {
    auto& p = *v.progress;
    m.gauge("banyan_projection_position", "Journal position that the view includes.", {{"view", v.view}}).set(static_cast<double>(p.applied.load()));
    m.gauge("banyan_projection_lag_events", "Events that the view is behind.", {{"view", v.view}}).set(static_cast<double>(p.head.load() - p.applied.load()));
    m.gauge("banyan_projection_parked_streams", "Streams held back by an event that does not decode.", {{"view", v.view}}).set(static_cast<double>(p.parked.load()));
  }
  for (auto& s : node_.subscriptions()) {
    auto& p = *s.progress;
    metric_labels labels{{"topic", s.topic}, {"group", s.group}};
    m.counter("banyan_subscription_delivered_total", "Events dealt with.", labels).add(p.delivered.load());
    m.counter("banyan_subscription_retries_total", "Deliveries that were tried again.", labels).add(p.retried.load());
    m.counter("banyan_subscription_dead_letters_total", "Events given up.", labels).add(p.dead.load());
    m.gauge("banyan_subscription_lag_events", "Journal positions between the checkpoint and the head.", labels)
        .set(static_cast<double>(p.head.load() - p.checkpoint.load()));
  }
  if (edge_) {
    auto e = edge_->counters();
    m.counter("banyan_http_requests_total", "Well-formed requests.").add(e.requests);
    m.counter("banyan_http_requests_refused_total", "Answered 503: too many under way.").add(e.requests_refused);
    m.counter("banyan_http_malformed_total", "Refused by the rules of HTTP.").add(e.malformed);
    for (auto& [range, n] : {std::pair{"2xx", e.responses_2xx}, {"3xx", e.responses_3xx}, {"4xx", e.responses_4xx}, {"5xx", e.responses_5xx}})
      m.counter("banyan_http_responses_total", "Responses by range of status.", {{"status", range}}).add(n);
    m.gauge("banyan_http_connections_open", "Connections now.").set(static_cast<double>(e.connections_open));
    m.gauge("banyan_http_requests_in_flight", "Requests in handlers now.").set(static_cast<double>(e.requests_in_flight));
  }
  return m.text();
}

}  // namespace banyan
