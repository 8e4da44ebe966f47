// The edge: HTTP requests become messages to the operations that the routes name, answers become responses. No sockets here: the HTTP
// server calls `handle`, and so do a simulation and a test.
//
// Every request belongs to a trace: that of its `traceparent` header, or a new one. The trace goes with every message that follows from the
// request and into the metadata of its events; the answer's own `traceparent` names it, whatever the status. See request_record.hpp for
// what is logged.
//
// One slow service can not take the place of all: requests under way are bounded per service, and per route where it says so
// (`max_in_flight`, http_routes.hpp); so are, per view, the queries that wait until it has reached the position they present. Beyond: 503
// with Retry-After, counted by banyan_edge_refused_total. A position that the journal has not reached is 409 at once. Files, and refusals of
// the edge itself, take no place (`answers_at_once`). Requests that foreign pages send, and conditional ones, are refused as
// request_rules.hpp says.
#pragma once

#include <banyan/http/http_routes.hpp>
#include <banyan/http/message.hpp>
#include <banyan/http/request_members.hpp>
#include <banyan/http/request_rules.hpp>
#include <banyan/http/route.hpp>
#include <banyan/http/static_files.hpp>
#include <banyan/runtime/node.hpp>
#include <banyan/runtime/request_record.hpp>
#include <banyan/runtime/slots.hpp>

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace banyan {

struct edge_options {
  std::string title = "banyan";
  timespan deadline = std::chrono::seconds{10};   // for a request that names none (X-Banyan-Deadline-Ms)
  int actors = 4;                                 // that host the requests under way
  request_rules rules = {};
  int max_per_service = 512;  // requests under way to one service; 0: any number
  std::string gateway =
      "gateway";              // the service whose links (ambassador) the edge asks through, as far as it declares any
  int max_waiting = 256;      // queries that wait for one view to reach the position they present; 0: any number
};

// What answers are read from (a view), and the places of the queries that wait for it.
struct edge_view {
  edge_view(std::shared_ptr<const read_side> s, int max_waiting) : side{std::move(s)}, waiting{max_waiting} {}
  std::shared_ptr<const read_side> side;
  slots waiting;
};

// A route compiled for use.
struct edge_route {
  edge_route(const route_spec& s, const route_pattern& p, std::string by, slots& of_service, const directory::endpoint* to)
      : spec{&s}, members{p, s.request_shape()}, endpoint{to}, service{std::move(by)}, in_service{of_service}, in_route{s.max_in_flight} {}
  const route_spec* spec;
  request_members members;
  const directory::endpoint* endpoint;  // who answers; null: nobody on this node
  std::shared_ptr<service_link> through = {};
  edge_view* view = nullptr;            // that is read for it; null: none, and no position is waited for
  std::string service;
  slots& in_service;
  slots in_route;
};

class edge {
 public:
  // The routes of all services. Problems (malformed, duplicate, ambiguous) are reported by `check`.
  edge(const application& app, node& n, edge_options options);

  void handle(http_request request, completion<http_response> answer);
  // Whether `handle` answers before it returns, so that the request needs no place among those under way: a file, a path or a method that
  // is not here, what the rules refuse.
  bool answers_at_once(const http_request& request) const;
  // What `handle` would answer whatever the body is, recorded as there; nothing when the body matters.
  std::optional<http_response> answer_by_head(const http_request& head);
  const std::string& openapi() const { return openapi_; }

  struct exchange {
    using reply = http_response;
    http_request request;
    route_match match;
    std::string trace;  // traceparent, with a step of this edge's own
  };

  // For the edge's actors.
  const edge_route& route(std::size_t i) const { return routes_[i]; }
  banyan::node& where() { return node_; }
  const edge_options& options() const { return options_; }
  // The view that answers this route has not reached this position.
  static bool may_wait_for(position at, const edge_route& route);
  // A place among the queries that wait for the view that answers this route; none: it is refused.
  std::optional<slots::slot> place_to_wait(const edge_route& route);

 private:
  std::string trace_of(const http_request& request);
  std::optional<http_response> find_file(const http_request& request) const;
  bool is_file(const std::string& path) const { return path == "/openapi.json" || files_.contains(path); }
  // The answer to a request that no route takes.
  http_response refuse_path(const http_request& request, const route_lookup& found) const;
  std::shared_ptr<service_link> link_to(const std::string& service);
  edge_view* view_read_by(const directory::endpoint* endpoint);
  completion<http_response> within_bounds(edge_route& route, completion<http_response>& answer);
  const address& next_actor() { return actors_[next_.fetch_add(1, std::memory_order_relaxed) % actors_.size()]; }

  node& node_;
  edge_options options_;
  request_record record_;
  std::map<std::string, slots> services_;
  std::map<std::string, edge_view> views_;
  std::map<std::string, std::shared_ptr<service_link>> own_links_;
  std::deque<edge_route> routes_;
  counter refused_by_service_, refused_by_route_, refused_waiting_;
  std::unordered_map<std::string, const static_file*> files_;
  route_table table_;
  std::string openapi_;
  std::vector<address> actors_;
  std::atomic<std::size_t> next_{0};
};

// Patterns that can not be read or collide, methods that do not exist, captures that the request has no member for,
// requests that nothing fills or nobody answers, files that nobody can ask for or that hide another or a route; each with its owner.
std::vector<problem> check_routes(const application& app);

}  // namespace banyan
