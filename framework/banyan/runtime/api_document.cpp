#include <banyan/runtime/api_document.hpp>

#include <banyan/journal/position_token.hpp>
#include <banyan/http/openapi.hpp>
#include <banyan/http/request_rules.hpp>
#include <banyan/http/route.hpp>
#include <banyan/runtime/idempotency_key.hpp>

#include <boost/json.hpp>

#include <set>

namespace banyan {

namespace {

using source = request_member::source;

// Errors possible at the edge for any operation: those of the edge, of HTTP, and of busy or stopped actors.
const std::vector<code> errors{code::invalid_argument, code::not_found, code::conflict,    code::refused,           code::exhausted,
                               code::internal,         code::corrupt,   code::unavailable, code::deadline_exceeded, code::unimplemented};
const std::vector<int> of_http{405, 408, 413, 414, 415, 417, 421, 431, 505};

api_parameter parameter(const request_member& m) {
  const bool is_header = m.from == source::header;
  api_parameter p{.name = is_header ? m.header : m.name,
                  .in = m.from == source::path ? "path" : is_header ? "header" : "query",
                  .required = m.required && m.from != source::body_or_query};
  p.schema = to_schema(m.type);
  p.as_json = m.as_text == request_member::form::json;
  if (m.as_text == request_member::form::repeated) {
    p.description = "Once per item. ";
    p.schema.as_object()["minItems"] = std::max<std::size_t>(1, m.type.size);
  }
  if (m.from == source::body_or_query) p.description += "Instead of the member of this name in the body, not besides it.";
  return p;
}

std::vector<api_parameter> parameters(const documented_route& route) {
  std::vector<api_parameter> list;
  for (const auto& m : route.members->all())
    if (m.from != source::body && m.from != source::whole_body) list.push_back(parameter(m));
  if (route.spec->is_command)
    list.push_back({.name = std::string{idempotency_key_header},
                    .in = "header",
                    .description = "A request sent again with its key is done once; with another request the key is a conflict",
                    .schema = {{"type", "string"}, {"minLength", 1}, {"maxLength", 255}, {"pattern", "^[!-~]+$"}}});
  list.push_back({.name = std::string{position_header},
                  .in = "header",
                  .description = "That of an earlier answer: what it wrote is visible to this request",
                  .schema = {{"type", "string"}, {"maxLength", position_token::max_text}, {"pattern", position_token_pattern}}});
  list.push_back({.name = "X-Banyan-Deadline-Ms",
                  .in = "header",
                  .description = "How long the caller waits, in milliseconds, when that is shorter than the server would",
                  .schema = {{"type", "integer"}, {"minimum", 1}, {"maximum", 86'400'000}}});
  list.push_back({.name = "traceparent", .in = "header", .description = "W3C Trace Context: the trace that this request belongs to"});
  return list;
}

// A unique operation id: the route's name, prefixed or followed by service, method and a number where needed.
std::string unique_id(const documented_route& route, const std::string& method, std::set<std::string>& taken) {
  const auto name = route.spec->name.empty() ? route.spec->operation : route.spec->name;
  for (const auto& id : {name, route.service + "." + name, route.service + "." + name + "." + method})
    if (taken.insert(id).second) return id;
  for (int n = 2;; ++n)
    if (auto id = route.service + "." + name + "." + std::to_string(n); taken.insert(id).second) return id;
}

}  // namespace

std::string api_document(const std::string& title, const std::vector<documented_route>& routes) {
  constexpr std::string_view known[]{"GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"};
  std::vector<api_operation> operations;
  std::set<std::string> ids;
  for (const auto& route : routes) {
    const auto pattern = route_pattern::parse(route.spec->pattern);
    if (!pattern || std::find(std::begin(known), std::end(known), pattern->method) == std::end(known)) continue;
    const auto& members = *route.members;
    api_operation o{.method = pattern->method,
                    .path = pattern->path(),
                    .summary = route.spec->summary,
                    .operation_id = unique_id(route, pattern->method, ids),
                    .response_schema = route.spec->reply_schema(),
                    .success_status = route.spec->success,
                    .errors = errors,
                    .parameters = parameters(route),
                    .body_required = members.needs_body(),
                    .statuses = of_http,
                    .headers = {{"traceparent", "The trace of this request (W3C Trace Context)"}},
                    .other_errors = true};
    const auto& body = members.body();
    if (members.takes_body() && (body.kind != shape_kind::record || !body.parts.empty())) o.request_schema = to_schema(body);
    if (!is_safe(pattern->method)) {
      o.errors.push_back(code::forbidden);
      o.statuses.push_back(412);
    }
    if (route.spec->is_command)
      o.success_headers = {
          {std::string{position_header}, "Presented with a query, it shows what this request wrote; absent when nothing was"}};
    operations.push_back(std::move(o));
  }
  const auto document = openapi_document(
      {.title = title,
       .description = "Members and parameters that are not listed are ignored. HEAD is answered as GET is, without the body, and "
                      "OPTIONS with the methods of a path; any other method of a path with 405. There are no preconditions: a request "
                      "that would change something under one (If-Match, If-None-Match, If-Unmodified-Since) is answered with 412."},
      operations);
  return document ? boost::json::serialize(*document) : std::string{R"({"openapi":"3.1.0"})"};
}

}  // namespace banyan
