#include <banyan/http/openapi.hpp>

#include <banyan/core/problem_details.hpp>
#include <banyan/http/route.hpp>
#include <banyan/http/wire.hpp>

#include <boost/describe.hpp>
#include <boost/mp11.hpp>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>
#include <set>

namespace banyan {

namespace json = boost::json;

namespace {

json::object content(std::string_view type, json::value schema) { return {{"content", {{type, {{"schema", std::move(schema)}}}}}}; }

json::object describe(const api_parameter& p, std::string_view name) {
  json::object out{{"name", name}, {"in", p.in}, {"required", p.required || p.in == "path"}};
  if (!p.description.empty()) out["description"] = p.description;
  auto schema = p.schema.is_null() ? json::value{{"type", "string"}} : p.schema;
  if (p.as_json)
    out["content"] = json::object{{"application/json", json::object{{"schema", std::move(schema)}}}};
  else
    out["schema"] = std::move(schema);
  return out;
}

// Captures, under the names that the path has in the document, then the other parameters.
json::array parameters(const api_operation& operation, const route_pattern& route, const std::vector<std::string>& names) {
  json::array out;
  auto name = names.begin();
  for (const auto& s : route.segments) {
    if (s.is == route_segment::kind::literal) continue;
    api_parameter capture{.name = s.text, .in = "path"};
    for (const auto& p : operation.parameters)
      if (p.in == "path" && p.name == s.text) capture = p;
    out.push_back(describe(capture, *name++));
  }
  for (const auto& p : operation.parameters)
    if (p.in != "path") out.push_back(describe(p, p.name));
  return out;
}

// Response headers that HTTP itself defines for a status (RFC 9110, 10.2.1, 10.2.3, 12.5.1, 12.5.3).
std::vector<api_header> headers_of(int status) {
  if (status == 405) return {{"Allow", "The methods that this path takes"}};
  if (status == 415) return {{"Accept", "The type that a body must have"}, {"Accept-Encoding", "The encoding that a body must have"}};
  if (status == 429 || status == 503 || status == 504) return {{"Retry-After", "Seconds after which to try again, if that is known"}};
  return {};
}

json::object with_headers(json::object response, std::initializer_list<std::vector<api_header>> lists) {
  json::object headers;
  for (const auto& list : lists)
    for (const auto& h : list) headers[h.name] = json::object{{"description", h.description}, {"schema", {{"type", "string"}}}};
  if (!headers.empty()) response["headers"] = std::move(headers);
  return response;
}

json::object problem_response(std::string description) {
  auto problem = content("application/problem+json", {{"$ref", "#/components/schemas/problem"}});
  problem["description"] = std::move(description);
  return problem;
}

json::object responses(const api_operation& operation) {
  json::object out;
  auto success = operation.response_schema ? content("application/json", *operation.response_schema) : json::object{};
  success["description"] = reason_phrase(operation.success_status);
  out[std::to_string(operation.success_status)] = with_headers(std::move(success), {operation.headers, operation.success_headers});
  std::map<int, std::set<std::string>> by_status;
  for (const auto c : operation.errors) by_status[http_status(c)].insert(std::string{to_string(c)});
  for (const auto status : operation.statuses) by_status[status];
  for (const auto& [status, codes] : by_status) {
    std::string names;
    for (const auto& name : codes) names += (names.empty() ? ": " : ", ") + name;
    out[std::to_string(status)] =
        with_headers(problem_response(std::string{reason_phrase(status)} + names), {operation.headers, headers_of(status)});
  }
  if (operation.other_errors) out["default"] = with_headers(problem_response("Any other problem"), {operation.headers});
  return out;
}

json::object describe(const api_operation& operation, const route_pattern& route, const std::vector<std::string>& names) {
  json::object out;
  if (!operation.operation_id.empty()) out["operationId"] = operation.operation_id;
  if (!operation.summary.empty()) out["summary"] = operation.summary;
  if (auto list = parameters(operation, route, names); !list.empty()) out["parameters"] = std::move(list);
  if (operation.request_schema) {
    auto body = content("application/json", *operation.request_schema);
    body["required"] = operation.body_required;
    out["requestBody"] = std::move(body);
  }
  out["responses"] = responses(operation);
  return out;
}

template <class Enum>
json::array enumerators() {
  json::array names;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<Enum>>([&](auto e) { names.emplace_back(e.name); });
  return names;
}

// The form that problem_details.cpp writes.
json::object problem_schema() {
  const auto text = [](std::string_view what) { return json::object{{"type", "string"}, {"description", what}}; };
  return {
      {"type", "object"},
      {"title", "problem"},
      {"description", "What went wrong (RFC 9457)"},
      {"properties",
       {{"type",
         text("A URI reference that names the kind of problem; about:blank: there is no more to it than its status")},
        {"title", text("The status in words")},
        {"status", {{"type", "integer"}, {"minimum", 400}, {"maximum", 599}}},
        {"detail", text("What is wrong, for a person")},
        {"code", {{"type", "string"}, {"enum", enumerators<code>()}}},
        {"outcome",
         {{"type", "string"},
          {"enum", enumerators<outcome>()},
          {"description", "Whether what was asked has taken effect"}}},
        {"reason", text("Which rule refused it, for programs")},
        {"field", text("The path of the member, parameter or header that is wrong")},
        {"retry_after_ms",
         {{"type", "integer"}, {"minimum", 0}, {"description", "Milliseconds after which to try again"}}},
        {"retried", {{"type", "boolean"}, {"description", "Whether a layer of the server has repeated it in vain"}}}}},
      {"required", json::array{"type", "title", "status", "detail", "code", "outcome"}}};
}

// A path of the document, keyed by its pattern without the names of captures.
struct documented_path {
  std::string path;
  std::vector<std::string> names;
};

documented_path document_path(const route_pattern& route) {
  documented_path out{route.path(), {}};
  for (const auto& s : route.segments)
    if (s.is != route_segment::kind::literal) out.names.push_back(s.text);
  return out;
}

std::string without_names(const route_pattern& route) {
  std::string out;
  for (const auto& s : route.segments) out += s.is == route_segment::kind::literal ? "/" + s.text : std::string{"/{}"};
  return out;
}

}  // namespace

result<json::object> openapi_document(const api_description& about, const std::vector<api_operation>& operations) {
  constexpr std::array<std::string_view, 8> methods{"GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"};
  json::object paths;
  std::map<std::string, documented_path> known;
  std::set<std::string> ids;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const auto& operation = operations[i];
    const auto field = "operations[" + std::to_string(i) + "]";
    const auto route = route_pattern::parse(operation.method + " " + operation.path);
    if (!route) return error{route.error()}.at(field);
    if (std::find(methods.begin(), methods.end(), operation.method) == methods.end())
      return error{code::invalid_argument, "OpenAPI knows no method " + operation.method}.at(field);
    if (!operation.operation_id.empty() && !ids.insert(operation.operation_id).second)
      return error{code::conflict, "the operation id " + operation.operation_id + " is used twice"}.at(field);
    std::string method = operation.method;
    std::transform(method.begin(), method.end(), method.begin(), [](char c) { return static_cast<char>(c - 'A' + 'a'); });
    const auto& place = known.try_emplace(without_names(*route), document_path(*route)).first->second;
    auto& at = paths[place.path];
    if (at.is_null()) at.emplace_object();
    if (!at.as_object().emplace(method, describe(operation, *route, place.names)).second)
      return error{code::conflict, route->to_string() + " is listed twice"}.at(field);
  }
  json::object info{{"title", about.title}, {"version", about.version}};
  if (!about.description.empty()) info["description"] = about.description;
  return json::object{{"openapi", "3.1.0"},
                      {"info", std::move(info)},
                      {"paths", std::move(paths)},
                      {"components", {{"schemas", {{"problem", problem_schema()}}}}}};
}

}  // namespace banyan
