#include <banyan/runtime/edge.hpp>

#include <banyan/core/problem_details.hpp>
#include <banyan/http/authority.hpp>
#include <banyan/http/trace_headers.hpp>
#include <banyan/journal/position_token.hpp>
#include <banyan/runtime/api_document.hpp>
#include <banyan/runtime/idempotency_key.hpp>

#include <algorithm>
#include <charconv>

namespace banyan {

namespace {

constexpr std::string_view deadline_header = "X-Banyan-Deadline-Ms";

error overloaded(std::string what) {
  return error{code::unavailable, std::move(what)}.because("overloaded").after(std::chrono::seconds{1});
}

// A header that may occur only once: the meaning of duplicates would be ambiguous.
result<const std::string*> single(const http_request& r, std::string_view name) {
  if (r.headers.count(name) > 1) return error{code::invalid_argument, std::string{name} + " occurs twice"}.at(std::string{name});
  return r.headers.find(name);
}

result<timespan> deadline_of(const http_request& r, timespan fallback) {
  auto header = single(r, deadline_header);
  if (!header) return header.error();
  auto* given = *header;
  if (!given) return fallback;
  std::int64_t ms = 0;
  auto [end, bad] = std::from_chars(given->data(), given->data() + given->size(), ms);
  if (bad != std::errc{} || end != given->data() + given->size() || ms < 1 || ms > 86'400'000)
    return error{code::invalid_argument, std::string{deadline_header} + " must be a whole number of milliseconds, at least 1"}.at(
        std::string{deadline_header});
  return std::min(timespan{std::chrono::milliseconds{ms}}, fallback);
}

// The X-Banyan-Position header as a position of this node's journal; 0 without the header. Asks no actor.
result<position> presented_position(const http_request& r, const node& n) {
  auto header = single(r, position_header);
  if (!header) return header.error();
  if (!*header) return position{0};
  auto token = parse_position_token(**header);
  if (!token) return token.error();
  return position_in(n.history(), n.journal().status().head, *token);
}

class edge_actor final : public actor {
 public:
  explicit edge_actor(edge& e) : edge_{e} {}
  bool isolates_requests() const override { return true; }
  bool runs_inline() const override { return true; }
  behavior make_behavior() override {
    return behavior{}.on<edge::exchange>([this](const edge::exchange& x) { return serve(x); });
  }

 private:
  task<http_response> serve(const edge::exchange& x) {
    auto& r = x.request;
    // The client has closed the connection, so nobody reads this response. 499 is nginx's status for it in logs.
    if (is_cancelled(r.cancelled)) co_return http_response::problem(error{code::unavailable, "the client is gone"}, 499);
    auto& route = edge_.route(x.match.route);
    auto fields = route.members.read(r, x.match);
    if (!fields) co_return http_response::problem(fields.error());
    auto request = route.spec->decode(*fields);
    if (!request) co_return http_response::problem(request.error());
    const auto until = self().deadline();
    auto key = key_of(r, route);
    if (!key) co_return http_response::problem(key.error());
    if (auto ok = accompany(x, route, **request, *key); !ok) co_return http_response::problem(ok.error());
    std::optional<slots::slot> place;  // held until the answer has come
    if (edge::may_wait_for((*request)->position, route)) {
      place = edge_.place_to_wait(route);
      if (!place) co_return http_response::problem(overloaded("too many requests wait for the position that they present"));
    }
    const auto* endpoint = route.endpoint;
    if (!endpoint) co_return http_response::problem(error{code::unimplemented, "nobody answers " + route.spec->operation + " on this node"});
    if (!key->text.empty()) {
      // A claimed key is kept forever, so invalid requests must not claim theirs.
      if (auto ok = endpoint->validate ? endpoint->validate(**request) : result<void>{}; !ok) co_return http_response::problem(ok.error());
      const auto identity = route.spec->identity(**request);
      if (auto ok = co_await claim_key(*key, identity, until); !ok) co_return http_response::problem(ok.error());
    }
    auto answer = co_await link_awaiter<message_ptr>(self(), *route.through, edge_.where().directory(),
                                                     std::move(*request), until);
    if (!answer) co_return http_response::problem(answer.error());
    auto response = http_response::json_text(route.spec->encode(**answer), route.spec->success);
    if (route.spec->is_command && (*answer)->position > 0 &&
        !endpoint->is_remote)  // a remote answer has a position of another journal
      response.headers.set(std::string{position_header}, to_string(token_of(edge_.where().history(), (*answer)->position)));
    co_return response;
  }

  // The request's Idempotency-Key; empty text: no header, or the operation is a query.
  static result<idempotency_key> key_of(const http_request& r, const edge_route& route) {
    idempotency_key key{.operation = route.spec->operation, .caller = {}, .text = {}};
    if (!route.spec->is_command) return key;
    auto given = single(r, idempotency_key_header);
    if (!given) return given.error();
    if (!*given) return key;
    key.text = **given;
    if (auto ok = check(key); !ok) return ok.error();
    return key;
  }

  // Sets the message's context: trace, command id, required position, cancellation.
  result<done> accompany(const edge::exchange& x, const edge_route& route, message& request, const idempotency_key& key) {
    auto& r = x.request;
    auto context = std::make_shared<message_context>();
    context->trace = x.trace;
    context->trace_state = x.trace_state;
    context->caller = key.caller;
    context->cancelled = r.cancelled;
    context->is_of_one_request = true;
    context->ends_when_given_up = route.endpoint && route.endpoint->of && route.endpoint->of->how == idempotent::always;
    if (auto natural = route.spec->natural_key(request); !natural.empty())
      context->command = uuid_from_name(route.spec->operation, natural);
    else
      context->command = key.text.empty() ? uuid_v7(self().now(), self().random()) : command_id(key);
    context->correlation = context->command;
    request.context = std::move(context);
    auto wanted = presented_position(r, edge_.where());
    if (!wanted) return wanted.error();
    request.position = *wanted;
    return done{};
  }

  task<result<done>> claim_key(const idempotency_key& key, const std::string& identity, monotonic until) {
    auto claimed = co_await self().wait_for<append_result>(until - self().steady(), [this, &key, &identity](auto done) {
      edge_.where().journal().append(claim(key, identity), std::move(done));
    });
    if (!claimed) co_return claim_refused(claimed.error());
    co_return done{};
  }

  edge& edge_;
};

struct declared_route {
  const route_spec* spec;
  std::string service;
};

std::vector<declared_route> all_routes(const application& app) {
  std::vector<declared_route> routes;
  for (auto& p : app.services)
    for (auto& [item, r] : p.all<route_spec>()) routes.push_back({r, p.service()});
  return routes;
}

std::vector<std::string> patterns_of(const application& app) {
  std::vector<std::string> patterns;
  for (auto& r : all_routes(app)) patterns.push_back(r.spec->pattern);
  return patterns;
}

// The value of an Allow header, with the methods of a file at the same path added.
std::string with_file(const std::string& allow) {
  if (allow.find("GET") != allow.npos) return allow;
  return allow.empty() ? "GET, HEAD" : "GET, HEAD, " + allow;
}

std::string text_of(const std::vector<std::string>& path) {
  std::string text;
  text.reserve(64);
  text += '/';
  for (auto& segment : path) {
    if (text.size() > 1) text += '/';
    text += segment;
  }
  return text == "/" ? "/index.html" : text;
}

}  // namespace

edge::edge(const application& app, node& n, edge_options options)
    : node_{n}, options_{std::move(options)}, record_{n.system(), n.metrics(), patterns_of(app)} {
  const auto refused = [&](const char* limit) {
    return n.metrics().counter("banyan_edge_refused_total", "Requests answered 503 because as many as may be were under way.",
                               {{"limit", limit}});
  };
  refused_by_service_ = refused("service");
  refused_by_route_ = refused("route");
  refused_waiting_ = refused("waiting");
  std::vector<documented_route> documented;
  for (auto& r : all_routes(app)) {
    auto& of_service = services_.try_emplace(r.service, options_.max_per_service).first->second;
    const auto pattern = route_pattern::parse(r.spec->pattern);
    auto& added =
        routes_.emplace_back(*r.spec, pattern ? *pattern : route_pattern{}, r.service, of_service, n.directory().find(r.spec->request));
    added.through = link_to(r.service);
    added.view = view_read_by(added.endpoint);
    documented.push_back({r.spec, &added.members, r.service});
  }
  table_ = route_table{patterns_of(app)};
  for (auto& p : app.services)
    for (auto& [item, spec] : p.all<static_file_spec>())
      for (auto& f : spec->files) files_.emplace(f.path, &f);
  openapi_ = api_document(options_.title, documented);
  for (int i = 0; i < std::max(1, options_.actors); ++i)
    actors_.push_back(n.system().spawn([this] { return std::make_unique<edge_actor>(*this); }, {.name = "edge/" + std::to_string(i)}));
}

tracer::entry edge::enter(const http_request& request, std::size_t route,
                          std::shared_ptr<const std::string>& state) {
  auto& tracer = node_.system().tracer();
  auto given = read_trace_headers(request.headers);
  state = std::move(given.state);
  if (!tracer.is_recording()) [[likely]] return tracer.enter(given.parent, span_kind::server, {});
  auto entered = tracer.enter(given.parent, span_kind::server, record_.name(request.method, route));
  auto& span = entered.span;
  if (!span.is_recorded()) return entered;
  const auto method = known_method(request.method);
  span.set("http.request.method", method);
  if (method != request.method) span.set("http.request.method_original", request.method);
  span.set("url.path", std::string_view{request.target}.substr(0, request.target.find('?'))).set("url.scheme", "http");
  if (const auto path = record_.path(route); !path.empty()) span.set("http.route", path);
  if (const auto at = read_authority(request.authority); at && !at->host.empty()) {
    span.set("server.address", at->host);
    if (at->port) span.set("server.port", *at->port);
  }
  if (const auto agent = request.headers.get("User-Agent"); !agent.empty()) span.set("user_agent.original", agent);
  span.with_state(state);
  return entered;
}

void edge::handle(http_request request, completion<http_response> answer) {
  std::shared_ptr<const std::string> state;
  if (auto file = find_file(request)) {
    auto trace = enter(request, record_.file(), state);
    record_.watch(request.method, record_.file(), std::move(trace), std::move(answer))(std::move(*file));
    return;
  }
  auto found = table_.find(request.method, request.path);
  auto* match = std::get_if<route_match>(&found);
  const auto route = match ? match->route : record_.no_route();
  auto entered = enter(request, route, state);
  auto trace = entered.traceparent;
  auto told = record_.watch(request.method, route, std::move(entered), std::move(answer));
  if (!match) return told(refuse_path(request, found));
  if (auto refusal = refuse(request, options_.rules)) return told(std::move(*refusal));
  const auto limit = deadline_of(request, options_.deadline);
  if (!limit) return told(http_response::problem(limit.error()));
  // Checked before the limits, so that a flood of requests with invalid positions takes no slots.
  if (auto wanted = presented_position(request, node_); !wanted) return told(http_response::problem(wanted.error()));
  auto bounded = within_bounds(routes_[match->route], told);
  if (!bounded) return;
  auto context = std::make_shared<message_context>();
  context->trace = trace;  // for log lines, if the request fails here
  context->cancelled = request.cancelled;
  auto m = make_request<exchange>(
      [told = std::move(bounded)](result<message_ptr> r) mutable {
        told(r ? detail::take_answer<http_response>(*r) : std::move(r.error()));
      },
      exchange{std::move(request), std::move(*match), std::move(trace), std::move(state)});
  m->context = std::move(context);
  m->deadline = add_saturating(node_.system().steady(), *limit);
  node_.system().run_inline([&] { deliver(actor_of_this_thread(), std::move(m)); });
}

bool edge::answers_at_once(const http_request& request) const {
  if ((request.method == "GET" || request.method == "HEAD") && is_file(text_of(request.path))) return true;
  return !std::holds_alternative<route_match>(table_.find(request.method, request.path)) || refuse(request, options_.rules).has_value();
}

std::optional<http_response> edge::answer_by_head(const http_request& head) {
  if (find_file(head)) return {};
  const auto found = table_.find(head.method, head.path);
  const auto* match = std::get_if<route_match>(&found);
  auto refusal = match ? refuse_head(head, options_.rules) : refuse_path(head, found);
  if (match && !refusal)
    if (auto limit = deadline_of(head, options_.deadline); !limit) refusal = http_response::problem(limit.error());
  if (match && !refusal)
    if (auto wanted = presented_position(head, node_); !wanted) refusal = http_response::problem(wanted.error());
  if (!refusal) return {};
  std::optional<http_response> said;
  const auto route = match ? match->route : record_.no_route();
  std::shared_ptr<const std::string> state;
  auto told = record_.watch(head.method, route, enter(head, route, state),
                            [&said](result<http_response> r) { said = std::move(*r); });
  told(std::move(*refusal));
  return said;
}

// `answer`, wrapped to hold a slot of the service and one of the route until it is called. Empty: there was no slot,
// and `answer` was called with the refusal.
completion<http_response> edge::within_bounds(edge_route& route, completion<http_response>& answer) {
  auto in_route = route.in_route.take();
  auto in_service = in_route ? route.in_service.take() : std::nullopt;
  if (!in_service) {
    (in_route ? refused_by_service_ : refused_by_route_).add();
    answer(
        overloaded(in_route ? "too many requests to " + route.service + " are under way" : "too many requests of this kind are under way"));
    return {};
  }
  return [r = std::move(*in_route), s = std::move(*in_service), told = std::move(answer)](result<http_response> response) mutable {
    told(std::move(response));
  };
}

bool edge::may_wait_for(position at, const edge_route& route) {
  return at > 0 && route.view && route.view->side->applied() < at;
}

std::optional<slots::slot> edge::place_to_wait(const edge_route& route) {
  auto place = route.view->waiting.take();
  if (!place) refused_waiting_.add();
  return place;
}

// The link to the service that the gateway declares; if it declares none, a link with only the edge's deadline.
std::shared_ptr<service_link> edge::link_to(const std::string& service) {
  if (const auto* gateway = node_.installed().scope_of(options_.gateway))
    if (const auto declared = gateway->links.find(service); declared != gateway->links.end()) return declared->second;
  auto& own = own_links_[service];
  if (!own) own = std::make_shared<plain_link>(node_.directory(), options_.deadline);
  return own;
}

edge_view* edge::view_read_by(const directory::endpoint* endpoint) {
  if (!endpoint || !endpoint->reads) return nullptr;
  return &views_.try_emplace(endpoint->reads->name, endpoint->reads, options_.max_waiting).first->second;
}

std::optional<http_response> edge::find_file(const http_request& request) const {
  if (request.method != "GET" && request.method != "HEAD") return {};
  const auto path = text_of(request.path);
  if (path == "/openapi.json") return http_response::json_text(openapi_);
  auto found = files_.find(path);
  if (found == files_.end()) return {};
  http_response r{200, {}, found->second->content};
  r.headers.set("Content-Type", found->second->media_type);
  r.headers.set("Cache-Control", "no-cache");
  return r;
}

http_response edge::refuse_path(const http_request& request, const route_lookup& found) const {
  if (request.target == "*") {  // for the whole server (RFC 9110, 9.3.7)
    http_response options{204, {}, {}};
    options.headers.set("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    return options;
  }
  const bool file = is_file(text_of(request.path));
  const auto* wrong = std::get_if<method_not_allowed>(&found);
  if (!file && !wrong) return to_response(no_such_path{});
  const auto of_routes = wrong ? wrong->allow : std::string{};
  const auto allow = (file ? with_file(of_routes) : of_routes) + ", OPTIONS";
  if (request.method == "OPTIONS") return http_response{204, {{"Allow", allow}}, ""};
  return to_response(method_not_allowed{allow});
}

}  // namespace banyan
