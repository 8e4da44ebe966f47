// The edge: an HTTP gateway. Decodes HTTP requests into messages for the operations that routes name, and encodes
// answers as responses. No sockets: the HTTP server calls `handle`, and so do simulations and tests.
//
// Every request belongs to a trace: that of its `traceparent` header, or a new one. The trace is passed on with every
// message that follows from the request, with its `tracestate`, and stored in the metadata of its events, without it;
// the response has a `traceparent` too, whatever its status. If traces are recorded (observability/tracer.hpp), the
// request is a span of kind server, with the attributes of OpenTelemetry's conventions for HTTP. Logging:
// request_record.hpp.
//
// Bulkheads: a slow service can not exhaust the edge. The number of open requests is limited per service, and per
// route if the route has a limit (`max_in_flight`, http_routes.hpp); so is, per view, the number of queries waiting
// for the view to reach their position. A request above a limit is answered 503 with Retry-After, and counted by
// banyan_edge_refused_total. A position that the journal has not reached is answered 409 at once. Files, and requests
// that the edge itself refuses, do not count. Requests from foreign pages, and conditional requests, are refused
// (request_rules.hpp).
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
  timespan deadline = std::chrono::seconds{10};   // longest time of a request; X-Banyan-Deadline-Ms may shorten it
  int actors = 8;                                 // that handle requests; each I/O thread always uses the same one
  request_rules rules = {};
  int max_per_service = 512;  // open requests per service; 0: no limit
  std::string gateway =
      "gateway";              // the service whose links (ambassador) the edge uses, if any
  int max_waiting = 256;      // queries per view waiting for their position; 0: no limit
};

// A view that operations of routes read, and the slots of the queries waiting for it.
struct edge_view {
  edge_view(std::shared_ptr<const read_side> s, int max_waiting) : side{std::move(s)}, waiting{max_waiting} {}
  std::shared_ptr<const read_side> side;
  slots waiting;
};

// A compiled route.
struct edge_route {
  edge_route(const route_spec& s, const route_pattern& p, std::string by, slots& of_service,
             const directory::endpoint* to)
      : spec{&s},
        members{p, s.request_shape(), s.elsewhere},
        endpoint{to},
        service{std::move(by)},
        in_service{of_service},
        in_route{s.max_in_flight} {}
  const route_spec* spec;
  request_members members;
  const directory::endpoint* endpoint;  // receiver; null: none on this node
  std::shared_ptr<service_link> through = {};
  edge_view* view = nullptr;            // read by the operation; null: none, positions are not awaited
  std::string service;
  slots& in_service;
  slots in_route;
};

class edge {
 public:
  // Compiles the routes of all services. Invalid routes (malformed, duplicate, ambiguous) are reported by `check`.
  edge(const application& app, node& n, edge_options options);

  void handle(http_request request, completion<http_response> answer);
  // Whether `handle` answers without an actor: a file, an unknown path or method, a request that the rules refuse. The
  // server has such requests handled also above its limit of requests (http_server's `without_slot`).
  bool answers_at_once(const http_request& request) const;
  // The refusal of a request if its head alone decides it, recorded as by `handle`; none: pass the request to `handle`.
  std::optional<http_response> answer_by_head(const http_request& head);
  const std::string& openapi() const { return openapi_; }

  struct exchange {
    using reply = http_response;
    http_request request;
    route_match match;
    std::string trace;  // traceparent, with a span of the edge
    std::shared_ptr<const std::string> trace_state;
  };

  // For the edge's actors.
  const edge_route& route(std::size_t i) const { return routes_[i]; }
  banyan::node& where() { return node_; }
  const edge_options& options() const { return options_; }
  // Whether a query may have to wait: the view of this route has not yet reached the position.
  static bool may_wait_for(position at, const edge_route& route);
  // A slot for a query that waits for this route's view; none: too many are waiting.
  std::optional<slots::slot> place_to_wait(const edge_route& route);

 private:
  // The request's span, which has begun; `state` receives its tracestate.
  tracer::entry enter(const http_request& request, std::size_t route, std::shared_ptr<const std::string>& state);
  std::optional<http_response> find_file(const http_request& request) const;
  bool is_file(const std::string& path) const { return path == "/openapi.json" || files_.contains(path); }
  // The response to a request that no route matches.
  http_response refuse_path(const http_request& request, const route_lookup& found) const;
  std::shared_ptr<service_link> link_to(const std::string& service);
  edge_view* view_read_by(const directory::endpoint* endpoint);
  completion<http_response> within_bounds(edge_route& route, completion<http_response>& answer);
  // By thread, not round robin, so that I/O threads that run actors inline do not wait for each other at the same one
  // (unless there are more threads than actors).
  const address& actor_of_this_thread() {
    static std::atomic<std::size_t> threads{0};
    thread_local const std::size_t mine = threads.fetch_add(1, std::memory_order_relaxed);
    return actors_[mine % actors_.size()];
  }

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
};

// Static checks: malformed or colliding patterns, unknown methods, captures without a member in the request, requests
// that nothing can fill or that have no handler, files that can not be requested or that hide another file or a
// route. Each problem names its owner.
std::vector<problem> check_routes(const application& app);

}  // namespace banyan
