// The HTTP routes of a service, declared:
//
//   http_routes{.routes = std::vector{command<place_order>("POST /orders", {.success = 201}),
//                                     query<order_by_id>("GET /orders/{id}")}}
//
// A request struct is filled by member name from the path ("{id}"), the query string and the JSON body (rules:
// request_members.hpp). A member may also be a header, or the whole body as it was sent, which a handler needs to
// verify a signature over it:
//
//   command<settle>("POST /settlements", {.body_as = "body", .headers = {{"X-Signature", "signature"}}})
//
// A command's answer is its reply as JSON with status 200 (or the route's), an error is
// problem JSON. GET /openapi.json describes the API, generated from the same declarations. Request headers, each at
// most once:
//   Idempotency-Key       for a command: 1 to 255 visible ASCII characters. The command id is derived from
//                         operation, caller and key, so a repeated request is executed once and answered as before.
//                         A key belongs for ever to its first request: other content, or another entity, is answered
//                         409 "command_id_reused" without effect. For a struct with a member `idempotency_key()` the
//                         id is derived from that; the header is then an additional check.
//   X-Banyan-Position     for a query, from an earlier command's answer: the query reads at least that write. The
//                         token of another journal, or a position beyond the journal's head, is answered 409 at
//                         once.
//   X-Banyan-Deadline-Ms  how long the caller waits, in ms, if shorter than the edge's limit
//   traceparent           W3C Trace Context
#pragma once

#include <banyan/actor/message.hpp>
#include <banyan/core/json.hpp>
#include <banyan/http/request_members.hpp>
#include <banyan/plan/describe_operation.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/plan/required.hpp>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace banyan {

struct route_spec {
  std::string pattern;                       // "GET /orders/{id}"
  std::string name;                          // the route's name in the plan; default: the operation's
  std::string summary;
  int success = 200;
  bool is_command = false;
  std::string operation;                     // "place_order"
  const message_type* request = nullptr;
  // From the members merged from path, query and body.
  std::function<result<message_ptr>(const boost::json::object& fields)> decode;
  std::function<std::string(message& reply)> encode;
  std::function<std::string(message& request)> natural_key;              // empty: none
  std::function<std::string(message& request)> identity;                 // the text by which two requests are compared
  std::function<shape()> request_shape;
  std::function<boost::json::value()> reply_schema;
  int max_in_flight = 0;                     // concurrent requests of this route; 0: only the service's limit applies
  taken_from elsewhere = {};                 // members that are not read by their name
};

struct route_options {
  int success = 200;
  std::string summary = {};
  std::string name = {};                // required when one operation has two routes
  int max_in_flight = 0;                // beyond: 503 with Retry-After; 0: only the service's limit applies (edge.hpp)
  std::string body_as = {};             // the member that is the whole body, not parsed
  std::vector<std::pair<std::string, std::string>> headers = {};  // header, member
};

namespace detail {
template <class Request>
route_spec make_route(std::string pattern, route_options o, bool is_command) {
  static_assert(names_its_reply<Request>,
                "a request names its reply: `struct get_quote { using reply = quote; ... };`");
  static_assert(can_travel<Request> && can_travel<reply_to<Request>>,
                "a route's request and reply are read and written as JSON: describe both with BOOST_DESCRIBE_STRUCT");
  route_spec r;
  r.pattern = std::move(pattern);
  r.name = std::move(o.name);
  r.summary = std::move(o.summary);
  r.success = o.success;
  r.is_command = is_command;
  r.max_in_flight = o.max_in_flight;
  r.elsewhere = {std::move(o.body_as), std::move(o.headers)};
  r.operation = std::string{local_name<Request>()};
  r.request = type_of<Request>();
  r.decode = [](const boost::json::object& fields) -> result<message_ptr> {
    auto decoded = from_value<Request>(fields);
    if (!decoded) return decoded.error();
    return make_message<Request>(std::move(*decoded));
  };
  r.encode = [](message& reply) { return to_json(reply.as<typename Request::reply>()); };
  r.natural_key = [](message& request) { return natural_key_of(request.as<Request>()); };
  r.identity = [](message& request) { return identity_of(request.as<Request>()); };
  r.request_shape = [] { return shape_of<Request>(); };
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

  void contribute(plan& p) const;
};

}  // namespace banyan
