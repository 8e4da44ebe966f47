// `http_routes{.routes = {command<place_order>("POST /orders"), query<order_by_id>("GET /orders/{id}")}}`: the HTTP face of a service, declared.
//
// A request struct is filled from the path ("{id}"), the query string and the JSON body, by member name; a command's answer is its reply
// as JSON with status 200 (or what the route says), an error is problem JSON. `Idempotency-Key` becomes the command id; the reply's header
// `X-Banyan-Position` is a token with which a later query reads this write.
#pragma once

#include <banyan/actor/message.hpp>
#include <banyan/core/json.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/plan/required.hpp>

#include <functional>
#include <string>
#include <vector>

namespace banyan {

struct route_spec {
  std::string pattern;                       // "GET /orders/{id}"
  std::string name;                          // of this route in the plan; default: the operation's
  std::string summary;
  int success = 200;
  bool is_command = false;
  std::string operation;                     // "place_order"
  const message_type* request = nullptr;
  std::function<result<letter_ptr>(const boost::json::object& fields)> decode;   // the struct's members, merged from path, query and body
  std::function<std::string(letter& reply)> encode;
  std::function<std::string(letter& request)> natural_key;                       // empty: none
  std::function<boost::json::value()> request_schema, reply_schema;
};

struct route_options {
  int success = 200;
  std::string summary = {};
  std::string name = {};                     // needed when one operation has two routes
};

namespace detail {
template <class Request>
route_spec make_route(std::string pattern, route_options o, bool is_command) {
  route_spec r;
  r.pattern = std::move(pattern);
  r.name = std::move(o.name);
  r.summary = std::move(o.summary);
  r.success = o.success;
  r.is_command = is_command;
  r.operation = std::string{short_name<Request>()};
  r.request = type_of<Request>();
  r.decode = [](const boost::json::object& fields) -> result<letter_ptr> {
    auto decoded = from_value<Request>(fields);
    if (!decoded) return decoded.error();
    return make_letter<Request>(std::move(*decoded));
  };
  r.encode = [](letter& reply) { return to_json(reply.as<typename Request::reply>()); };
  r.natural_key = [](letter& request) -> std::string {
    if constexpr (requires(const Request& q) { q.idempotency_key(); })
      return request.as<Request>().idempotency_key();
    else
      return {};
  };
  r.request_schema = [] { return schema_of<Request>(); };
  r.reply_schema = [] { return schema_of<typename Request::reply>(); };
  return r;
}
}  // namespace detail

template <class Request>
route_spec command(std::string pattern, route_options o = {}) {
  return detail::make_route<Request>(std::move(pattern), std::move(o), true);
}
template <class Request>
route_spec query(std::string pattern, route_options o = {}) {
  return detail::make_route<Request>(std::move(pattern), std::move(o), false);
}

struct http_routes {
  required<"routes", std::vector<route_spec>> routes;

  void contribute(plan& p) const {
    for (auto& r : *routes) {
      auto spec = p.add<route_spec>("http_route", r.name.empty() ? r.operation : r.name, phase::edge);
      *spec = r;
      spec.fact(r.is_command ? "command" : "query", r.pattern);
    }
  }
};

}  // namespace banyan
