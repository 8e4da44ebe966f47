#include <banyan/runtime/request_record.hpp>

#include <banyan/http/route.hpp>
#include <banyan/observability/log.hpp>

#include <algorithm>

namespace banyan {

namespace {

const logger& edge_log() {
  static const logger log{"edge"};
  return log;
}

// By the semantic conventions of HTTP, a server's span has failed from status 500 on.
void end(span_scope& span, int status) {
  if (!span.is_recorded()) return;
  span.set("http.response.status_code", status);
  if (status < 500) return span.end();
  span.set("error.type", std::to_string(status));
  span.end(span_status::error);
}

}  // namespace

// Other methods are clients' free text.
std::string_view known_method(std::string_view method) {
  constexpr std::array<std::string_view, 9> known{"GET",    "HEAD",    "POST",  "PUT",  "DELETE",
                                                  "CONNECT", "OPTIONS", "TRACE", "PATCH"};
  const auto i = std::find(known.begin(), known.end(), method);
  return i == known.end() ? "_OTHER" : *i;
}

request_record::request_record(actor_system& system, metrics_registry& metrics, const std::vector<std::string>& patterns)
    : system_{system}, metrics_{metrics} {
  const auto add = [this](const std::string& pattern, const std::string& path) {
    auto& r = routes_.emplace_back();
    r.pattern = pattern;
    r.path = path;
  };
  for (const auto& pattern : patterns) {
    auto parsed = route_pattern::parse(pattern);
    add(pattern, parsed ? parsed->path() : pattern);
  }
  add("file", "file");
  add("none", "none");
}

completion<http_response> request_record::watch(const std::string& method, std::size_t route, tracer::entry trace,
                                                completion<http_response> answer) {
  return [this, method, &route = routes_[route], trace = std::move(trace.traceparent), span = std::move(trace.span),
          begun = system_.steady(), answer = std::move(answer)](result<http_response> r) mutable {
    auto response = r ? std::move(*r) : http_response::problem(r.error());
    record(method, route, trace, response.status, begun);
    end(span, response.status);
    response.headers.set("traceparent", std::move(trace));
    answer(std::move(response));
  };
}

std::string request_record::name(const std::string& method, std::size_t route) const {
  const std::string known{known_method(method)};
  const auto where = path(route);
  return where.empty() ? (known == "_OTHER" ? "HTTP" : known) : known + " " + std::string{where};
}

std::string_view request_record::path(std::size_t route) const {
  return route < file() ? std::string_view{routes_[route].path} : std::string_view{};
}

void request_record::record(const std::string& method, route_times& route, const std::string& traceparent,
                            int status, monotonic begun) {
  const auto now = system_.steady();
  const timespan took = now - begun;
  const auto range = static_cast<std::size_t>(std::clamp(status / 100, 2, 5));
  std::call_once(route.made[range - 2], [&] {
    route.seconds[range - 2] = metrics_.histogram("banyan_http_request_seconds", "From a request to its answer, at the edge.",
                                                  {{"route", route.pattern}, {"status", std::to_string(range) + "xx"}});
  });
  route.seconds[range - 2].observe(took);
  for (const auto& more : warnings_.overdue(now))
    edge_log().warning("more requests failed", {{"kind", more.kind}, {"held_back", more.held_back}});
  const auto held_back = status >= 500 ? warnings_.admit(std::to_string(status) + " " + route.pattern, now) : std::nullopt;
  const auto level = held_back ? log_level::warning : log_level::debug;
  if (!logs(level)) return;
  const auto line = edge_log().of(traceparent);
  const auto* said = status >= 500 ? "request failed" : "request answered";
  if (const auto more = held_back.value_or(0); more > 0)
    line.log(level, said, {{"method", method}, {"route", route.path}, {"status", status}, {"took", took}, {"held_back", more}});
  else
    line.log(level, said, {{"method", method}, {"route", route.path}, {"status", status}, {"took", took}});
}

}  // namespace banyan
