#include <banyan/http/openapi.hpp>

#include <banyan/core/problem.hpp>
#include <banyan/http/route.hpp>
#include <banyan/http/wire.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace banyan {

namespace json = boost::json;

namespace {

json::object content(std::string_view type, json::value schema) { return {{"content", {{type, {{"schema", std::move(schema)}}}}}}; }

json::array parameters(const route_pattern& route) {
  json::array out;
  for (const auto& s : route.segments)
    if (s.is != route_segment::kind::literal)
      out.push_back({{"name", s.text}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
  return out;
}

json::object responses(const api_operation& operation) {
  json::object out;
  auto success = operation.response_schema ? content("application/json", *operation.response_schema) : json::object{};
  success["description"] = reason_phrase(operation.success_status);
  out[std::to_string(operation.success_status)] = std::move(success);
  std::map<int, std::set<std::string>> by_status;
  for (const auto c : operation.errors) by_status[http_status(c)].insert(std::string{to_string(c)});
  for (const auto& [status, codes] : by_status) {
    auto problem = content("application/problem+json", {{"$ref", "#/components/schemas/problem"}});
    std::string names;
    for (const auto& name : codes) names += names.empty() ? name : ", " + name;
    problem["description"] = std::string{reason_phrase(status)} + ": " + names;
    out[std::to_string(status)] = std::move(problem);
  }
  return out;
}

json::object describe(const api_operation& operation, const route_pattern& route) {
  json::object out;
  if (!operation.operation_id.empty()) out["operationId"] = operation.operation_id;
  if (!operation.summary.empty()) out["summary"] = operation.summary;
  if (auto list = parameters(route); !list.empty()) out["parameters"] = std::move(list);
  if (operation.request_schema) {
    auto body = content("application/json", *operation.request_schema);
    body["required"] = true;
    out["requestBody"] = std::move(body);
  }
  out["responses"] = responses(operation);
  return out;
}

json::object problem_schema() {
  const json::value text{{"type", "string"}};
  return {{"type", "object"},
          {"description", "What went wrong (RFC 9457)"},
          {"properties", {{"type", text}, {"title", text}, {"status", {{"type", "integer"}}}, {"detail", text}}}};
}

}  // namespace

result<json::object> openapi_document(const api_description& about, const std::vector<api_operation>& operations) {
  constexpr std::array<std::string_view, 8> methods{"GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"};
  json::object paths;
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
    auto& at = paths[route->path()];
    if (at.is_null()) at.emplace_object();
    if (!at.as_object().emplace(method, describe(operation, *route)).second)
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
