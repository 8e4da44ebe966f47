#include <banyan/runtime/edge.hpp>

#include <banyan/core/problem.hpp>
#include <banyan/cqrs/position_token.hpp>
#include <banyan/http/openapi.hpp>
#include <banyan/observability/trace.hpp>

#include <boost/json.hpp>

#include <charconv>

namespace banyan {

namespace {

// A request's values from its path and query are text; the struct may want numbers.
result<boost::json::value> typed(const std::string& name, const std::string& text, const std::unordered_map<std::string, std::string>& types) {
  auto t = types.find(name);
  auto refuse = [&](const char* what) { return error{code::invalid_argument, name + " must be " + what}.at(name); };
  if (t == types.end() || t->second == "string") return boost::json::value(text);
  if (t->second == "boolean") {
    if (text == "true") return boost::json::value(true);
    if (text == "false") return boost::json::value(false);
    return refuse("true or false");
  }
  if (t->second == "integer") {
    std::int64_t n = 0;
    auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (bad != std::errc{} || end != text.data() + text.size()) return refuse("a whole number");
    return boost::json::value(n);
  }
  if (t->second == "number") {
    double n = 0;
    auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (bad != std::errc{} || end != text.data() + text.size()) return refuse("a number");
    return boost::json::value(n);
  }
  return boost::json::value(text);
}

std::unordered_map<std::string, std::string> field_types(const boost::json::value& schema) {
  std::unordered_map<std::string, std::string> types;
  auto* o = schema.if_object();
  auto* properties = o ? o->if_contains("properties") : nullptr;
  if (!properties || !properties->is_object()) return types;
  for (auto& p : properties->get_object()) {
    auto* type = p.value().is_object() ? p.value().get_object().if_contains("type") : nullptr;
    if (type && type->is_string()) types.emplace(p.key(), type->get_string().c_str());
    if (type && type->is_array() && !type->get_array().empty() && type->get_array()[0].is_string())
      types.emplace(p.key(), type->get_array()[0].get_string().c_str());
  }
  return types;
}

// Path, query and body become one object of members; what stands in the path wins.
result<boost::json::object> fields_of(const http_request& r, const route_match& match, const edge_route& route) {
  boost::json::object fields;
  if (!r.body.empty()) {
    auto body = parse_json(r.body);
    if (!body) return body.error();
    if (!body->is_object()) return error{code::invalid_argument, "the body must be a JSON object"};
    fields = std::move(body->get_object());
  }
  for (auto& [name, text] : r.query) {
    auto value = typed(name, text, route.field_types);
    if (!value) return value.error();
    fields[name] = std::move(*value);
  }
  for (auto& [name, text] : match.captures) {
    auto value = typed(name, text, route.field_types);
    if (!value) return value.error();
    fields[name] = std::move(*value);
  }
  return fields;
}

result<timespan> deadline_of(const http_request& r, timespan fallback) {
  auto* given = r.headers.find("X-Banyan-Deadline-Ms");
  if (!given) return fallback;
  std::int64_t ms = 0;
  auto [end, bad] = std::from_chars(given->data(), given->data() + given->size(), ms);
  if (bad != std::errc{} || end != given->data() + given->size() || ms < 1 || ms > 86'400'000)
    return error{code::invalid_argument, "X-Banyan-Deadline-Ms must be a whole number of milliseconds, at least 1"}.at("X-Banyan-Deadline-Ms");
  return std::min(timespan{std::chrono::milliseconds{ms}}, fallback);
}

class edge_actor final : public actor {
 public:
  explicit edge_actor(const edge& e) : edge_{e} {}
  behavior make_behavior() override {
    return behavior{}.on<edge::exchange>([this](const edge::exchange& x) { return serve(x); });
  }

 private:
  task<http_response> serve(const edge::exchange& x) {
    auto& r = x.request;
    auto& route = edge_.route(x.match.route);
    auto fields = fields_of(r, x.match, route);
    if (!fields) co_return http_response::problem(fields.error());
    auto request = route.spec->decode(*fields);
    if (!request) co_return http_response::problem(request.error());
    auto limit = deadline_of(r, edge_.options().deadline);
    if (!limit) co_return http_response::problem(limit.error());
    if (auto ok = accompany(x, route, **request); !ok) co_return http_response::problem(ok.error());
    auto* endpoint = edge_.where().directory().find(route.spec->request);
    if (!endpoint) co_return http_response::problem(error{code::unimplemented, "nobody answers " + route.spec->operation + " on this node"});
    auto to = endpoint->for_letter(**request);
    auto answer = co_await self().ask_letter<letter_ptr>(to, *limit, std::move(*request));
    if (!answer) co_return http_response::problem(answer.error());
    auto response = http_response::json_text(route.spec->encode(**answer), route.spec->success);
    if (route.spec->is_command && (*answer)->position > 0)
      response.headers.set(std::string{position_header}, to_string(position_token{edge_.where().journal_incarnation(), {{0, (*answer)->position}}}));
    co_return response;
  }

  // What travels with the request: its trace, its command id, and how fresh an answer must be.
  result<done> accompany(const edge::exchange& x, const edge_route& route, letter& request) {
    auto& r = x.request;
    auto context = std::make_shared<message_context>();
    context->trace = x.trace;
    auto key = route.spec->natural_key(request);
    if (auto* given = r.headers.find("Idempotency-Key")) {
      if (given->empty() || given->size() > 255) return error{code::invalid_argument, "an Idempotency-Key has 1 to 255 characters"}.at("Idempotency-Key");
      if (key.empty()) key = *given;
    }
    context->command = key.empty() ? uuid_v7(self().now(), self().random()) : uuid_from_name(route.spec->operation, key);
    context->correlation = context->command;
    request.context = std::move(context);
    if (auto* token = r.headers.find(position_header)) {
      auto parsed = parse_position_token(*token);
      if (!parsed) return parsed.error();
      if (parsed->incarnation != edge_.where().journal_incarnation()) return another_incarnation();
      request.position = parsed->at(0);
    }
    return done{};
  }

  const edge& edge_;
};

std::vector<const route_spec*> all_routes(const application& app) {
  std::vector<const route_spec*> routes;
  for (auto& p : app.services)
    for (auto& [item, r] : p.all<route_spec>()) routes.push_back(r);
  return routes;
}

std::vector<std::string> patterns_of(const std::vector<const route_spec*>& routes) {
  std::vector<std::string> patterns;
  for (auto* r : routes) patterns.push_back(r->pattern);
  return patterns;
}

std::string make_openapi(const std::string& title, const std::vector<const route_spec*>& routes) {
  std::vector<api_operation> operations;
  for (auto* r : routes) {
    auto parsed = route_pattern::parse(r->pattern);
    if (!parsed) continue;
    api_operation o{parsed->method, parsed->path(), r->summary, r->operation, {}, r->reply_schema(), r->success,
                    {code::invalid_argument, code::not_found, code::unavailable, code::deadline_exceeded}};
    if (r->is_command) {
      o.request_schema = r->request_schema();
      o.errors.push_back(code::refused);
      o.errors.push_back(code::conflict);
    }
    operations.push_back(std::move(o));
  }
  auto document = openapi_document({.title = title}, operations);
  return document ? boost::json::serialize(*document) : std::string{R"({"openapi":"3.1.0"})"};
}

}  // namespace

edge::edge(const application& app, node& n, edge_options options)
    : node_{n}, options_{std::move(options)}, record_{n.system(), n.metrics(), patterns_of(all_routes(app))} {
  auto routes = all_routes(app);
  for (auto* r : routes) routes_.push_back({r, field_types(r->request_schema())});
  table_ = route_table{patterns_of(routes)};
  for (auto& p : app.services)
    for (auto& [item, spec] : p.all<static_file_spec>())
      for (auto& f : spec->files) files_.emplace(f.path, &f);
  openapi_ = make_openapi(options_.title, routes);
  for (int i = 0; i < std::max(1, options_.actors); ++i)
    actors_.push_back(n.system().spawn([this] { return std::make_unique<edge_actor>(*this); }, {.name = "edge/" + std::to_string(i)}));
}

void edge::handle(http_request request, completion<http_response> answer) {
  const auto* given = request.headers.count("traceparent") == 1 ? request.headers.find("traceparent") : nullptr;
  auto trace = to_string(continue_trace(given ? std::string_view{*given} : std::string_view{}, node_.system().random()));
  if (auto file = find_file(request)) {
    record_.watch(request.method, record_.file(), std::move(trace), std::move(answer))(std::move(*file));
    return;
  }
  auto found = table_.find(request.method, request.path);
  auto* match = std::get_if<route_match>(&found);
  auto told = record_.watch(request.method, match ? match->route : record_.no_route(), trace, std::move(answer));
  if (match)
    node_.system().ask(next_actor(), exchange{std::move(request), std::move(*match), std::move(trace)},
                       options_.deadline.count() + std::chrono::seconds{1}, std::move(told));
  else if (auto* wrong = std::get_if<method_not_allowed>(&found))
    told(to_response(*wrong));
  else
    told(to_response(no_such_path{}));
}

std::optional<http_response> edge::find_file(const http_request& request) const {
  std::string path = "/";
  for (auto& segment : request.path) path += (path.size() > 1 ? "/" : "") + segment;
  auto found = files_.find(path == "/" ? "/index.html" : path);
  if (path != "/openapi.json" && found == files_.end()) return {};
  if (request.method != "GET" && request.method != "HEAD") return refuse_method(request);
  if (path == "/openapi.json") return http_response::json_text(openapi_);
  http_response r{200, {}, found->second->content};
  r.headers.set("Content-Type", found->second->media_type);
  r.headers.set("Cache-Control", "no-cache");
  return r;
}

// A file is there, but the method is not for files: it may be for a route of the same path.
std::optional<http_response> edge::refuse_method(const http_request& request) const {
  auto route = table_.find(request.method, request.path);
  if (std::holds_alternative<route_match>(route)) return {};
  std::string allow = "GET, HEAD";
  if (auto* other = std::get_if<method_not_allowed>(&route)) allow += ", " + other->allow;
  return to_response(method_not_allowed{std::move(allow)});
}

std::vector<problem> check_routes(const application& app) {
  std::vector<problem> found;
  route_table table{patterns_of(all_routes(app))};
  for (auto& e : table.problems()) found.push_back({"http_routes." + e.field, e.message});
  return found;
}

}  // namespace banyan
