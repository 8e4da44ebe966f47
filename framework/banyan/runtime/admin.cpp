#include <banyan/runtime/admin.hpp>

#include <banyan/core/json.hpp>
#include <banyan/http/route.hpp>
#include <banyan/observability/health.hpp>
#include <banyan/runtime/check_report.hpp>
#include <banyan/runtime/plan_page.hpp>
#include <banyan/runtime/topology.hpp>

#include <algorithm>
#include <string_view>

namespace banyan {

namespace {

http_response to_response(const health_answer& a) { return http_response::json_text(a.body, a.status); }

bool is_page(const std::vector<std::string>& path) {
  constexpr std::array<std::string_view, 6> pages{"healthz", "readyz", "metrics", "topology", "plan", "check"};
  if (path.size() != 1) return false;
  return std::find(pages.begin(), pages.end(), path.front()) != pages.end() || events_endpoints::has(path.front());
}

}  // namespace

std::vector<operator_command> admin::commands_of(configuration_reload* reload) {
  std::vector<operator_command> commands;
  if (reload) commands.push_back(reload->command());
  return commands;
}

std::shared_ptr<const application> admin::application_now() const {
  return reload_ ? reload_->in_force() : shared_view(app_);
}

// The response, when path and method alone decide it.
std::optional<http_response> admin::answer_by_path(const http_request& request) const {
  if (!is_page(request.path) && !page_.has(request.path)) return operators_.answer_by_path(request);
  const std::string allow = "GET, HEAD, OPTIONS";
  if (request.method == "OPTIONS") return http_response{204, {{"Allow", allow}}, ""};
  if (request.method != "GET" && request.method != "HEAD") return to_response(method_not_allowed{allow});
  return {};
}

void admin::edge_open(const http_server& edge) {
  const std::lock_guard lock{edge_lock_};
  edge_ = &edge;
  edge_is_ = edge_state::open;
}

void admin::edge_draining() {
  const std::lock_guard lock{edge_lock_};
  edge_is_ = edge_state::draining;
}

void admin::edge_closed() {
  const std::lock_guard lock{edge_lock_};
  edge_ = nullptr;
  edge_is_ = edge_state::closed;
}

std::optional<http_response> admin::answer_by_head(const http_request& head) const {
  if (auto answer = answer_by_path(head)) return answer;
  return refuse_head(head, rules_);
}

void admin::handle(const http_request& request, completion<http_response> answer) {
  if (auto known = answer_by_path(request)) return answer(std::move(*known));
  // Before the token is checked: requests from foreign pages are refused even with a valid token.
  if (auto refusal = refuse(request, rules_)) return answer(std::move(*refusal));
  if (page_.has(request.path)) return answer(page_.handle(request));
  const auto& path = request.path.front();
  if (path == "healthz") return alive(std::move(answer));
  if (path == "readyz") return answer(ready());
  if (path == "metrics") {
    http_response r{200, {}, metrics_page_.get([this] { return metrics(); })};
    r.headers.set("Content-Type", std::string{metrics_registry::media_type});
    return answer(std::move(r));
  }
  if (path == "topology")
    return answer(http_response::json_text(topology_page_.get([this] { return to_json(topology_of(node_.system())); })));
  if (path == "plan") return answer(plan(request));
  if (path == "check") return answer(http_response::json_text(check_page_.get([this] { return check(); })));
  if (events_endpoints::has(path)) return events_.handle(request, std::move(answer));
  operators_.handle(request, std::move(answer));
}

void admin::alive(completion<http_response> answer) {
  heartbeat_.ask([this, answer = std::move(answer)](result<done> answered) mutable {
    auto lines = node_.liveness();
    if (!answered)
      lines.push_back({"actors", health_state::dead,
                       "no actor answered within " + to_string(heartbeat_.limit()) + ": " + answered.error().message});
    answer(to_response(healthz(lines)));
  });
}

http_response admin::ready() const { return to_response(readyz(readiness())); }

std::vector<health_line> admin::readiness() const {
  auto lines = node_.readiness();
  if (reload_)
    for (auto& line : reload_->lines()) lines.push_back(std::move(line));
  lines.push_back(edge_line());
  return lines;
}

http_response admin::plan(const http_request& request) {
  const auto* name = request.query_value("form");
  const auto form = name ? parse_describe_form(*name) : describe_form::json;
  if (!form) return http_response::problem(error{code::invalid_argument, "it is text, json or dot"}.at("form"));
  auto& page = plan_pages_.at(static_cast<std::size_t>(*form));
  http_response r{200, {}, page.get([&] { return describe(*application_now(), settings_, *form); })};
  r.headers.set("Content-Type", std::string{media_type(*form)});
  return r;
}

std::string admin::check() const {
  auto copy = *application_now();
  check_report found{check_all(copy, settings_), {}, readiness()};
  if (found.problems.empty()) found.notes = notes(copy);
  return to_json(found);
}

health_line admin::edge_line() const {
  const std::lock_guard lock{edge_lock_};
  switch (edge_is_) {
    case edge_state::open:
      return {"edge", health_state::ready, "open"};
    case edge_state::draining:
      return {"edge", health_state::waiting, "draining"};
    case edge_state::closed:
      return {"edge", health_state::waiting, "closed"};
    case edge_state::not_open:
      break;
  }
  return {"edge", health_state::waiting, "not open yet"};
}

std::string admin::metrics() {
  {
    const std::lock_guard lock{edge_lock_};
    if (edge_) http_.set(edge_->counters());
  }
  return node_.metrics().text();
}

namespace {
constexpr const char* handshakes = "banyan_http_tls_handshakes_total";
constexpr const char* about_handshakes = "TLS handshakes by how they ended.";
}  // namespace

admin::http_meters::http_meters(metrics_registry& m)
    : requests{m.counter("banyan_http_requests_total", "Well-formed requests.")},
      refused{m.counter("banyan_http_requests_refused_total", "Answered 503: too many under way.")},
      malformed{m.counter("banyan_http_malformed_total", "Refused by the rules of HTTP.")},
      misdirected{m.counter("banyan_http_misdirected_total", "Answered 421: the Host is not one of ours.")},
      cancelled{m.counter("banyan_http_requests_cancelled_total", "The client went away before the answer.")},
      refused_connections{m.counter("banyan_http_connections_refused_total", "Answered 503 and closed.")},
      spared_connections{m.counter("banyan_http_connections_spared_total",
                                   "Those that waited for their client and were closed for new ones.")},
      unbuffered{m.counter("banyan_http_unbuffered_total", "Answered 503: no room for a body or an answer.")},
      full_handshakes{m.counter(handshakes, about_handshakes, {{"result", "full"}})},
      resumed_handshakes{m.counter(handshakes, about_handshakes, {{"result", "resumed"}})},
      failed_handshakes{m.counter(handshakes, about_handshakes, {{"result", "failed"}})},
      failed_reloads{
          m.counter("banyan_http_tls_reloads_failed_total", "Certificates that were replaced by unusable ones.")},
      connections{m.gauge("banyan_http_connections_open", "Connections now.")},
      in_flight{m.gauge("banyan_http_requests_in_flight", "Requests in handlers now.")},
      buffered{m.gauge("banyan_http_buffered_bytes", "Bodies and answers in memory now.")} {
  for (std::size_t i = 0; i < responses.size(); ++i)
    responses[i] = m.counter("banyan_http_responses_total", "Responses by range of status.", {{"status", std::to_string(i + 2) + "xx"}});
}

void admin::http_meters::set(const http_server_counters& now) const {
  requests.raise_to(now.requests);
  refused.raise_to(now.requests_refused);
  malformed.raise_to(now.malformed);
  misdirected.raise_to(now.misdirected);
  cancelled.raise_to(now.cancelled);
  refused_connections.raise_to(now.connections_refused + now.connections_without_descriptor);
  spared_connections.raise_to(now.connections_spared);
  unbuffered.raise_to(now.bodies_refused + now.answers_refused);
  full_handshakes.raise_to(now.handshakes - now.handshakes_resumed);
  resumed_handshakes.raise_to(now.handshakes_resumed);
  failed_handshakes.raise_to(now.handshakes_failed + now.handshake_timeouts);
  failed_reloads.raise_to(now.tls_reloads_failed);
  const std::array by_range{now.responses_2xx, now.responses_3xx, now.responses_4xx, now.responses_5xx};
  for (std::size_t i = 0; i < by_range.size(); ++i) responses[i].raise_to(by_range[i]);
  connections.set(static_cast<double>(now.connections_open));
  in_flight.set(static_cast<double>(now.requests_in_flight));
  buffered.set(static_cast<double>(now.bytes_buffered));
}

}  // namespace banyan
