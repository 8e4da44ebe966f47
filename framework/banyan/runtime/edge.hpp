// The edge: HTTP requests become messages to the operations that the routes name, answers become responses. No sockets here: the HTTP
// server calls `handle`, and so do a simulation and a test.
//
// Every request belongs to a trace: that of its `traceparent` header, or a new one. The trace goes with every message that follows from the
// request and into the metadata of its events; the answer's own `traceparent` names it, whatever the status. See request_record.hpp for
// what is logged.
#pragma once

#include <banyan/http/http_routes.hpp>
#include <banyan/http/message.hpp>
#include <banyan/http/route.hpp>
#include <banyan/http/static_files.hpp>
#include <banyan/runtime/node.hpp>
#include <banyan/runtime/request_record.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace banyan {

struct edge_options {
  std::string title = "banyan";
  timespan deadline = std::chrono::seconds{10};   // for a request that names none (X-Banyan-Deadline-Ms)
  int actors = 4;                                 // that host the requests under way
};

// A route compiled for use.
struct edge_route {
  const route_spec* spec = nullptr;
  std::unordered_map<std::string, std::string> field_types;   // member -> "integer", "number", "boolean", "string": to read path and query
};

class edge {
 public:
  // The routes of all services. Problems (malformed, duplicate, ambiguous) are reported by `check`.
  edge(const application& app, node& n, edge_options options);

  void handle(http_request request, completion<http_response> answer);
  const std::string& openapi() const { return openapi_; }

  struct exchange {
    using reply = http_response;
    http_request request;
    route_match match;
    std::string trace;  // traceparent, with a step of this edge's own
  };

  // For the edge's actors.
  const edge_route& route(std::size_t i) const { return routes_[i]; }
  const banyan::node& where() const { return node_; }
  const edge_options& options() const { return options_; }

 private:
  std::optional<http_response> find_file(const http_request& request) const;
  std::optional<http_response> refuse_method(const http_request& request) const;
  const address& next_actor() { return actors_[next_.fetch_add(1, std::memory_order_relaxed) % actors_.size()]; }

  node& node_;
  edge_options options_;
  request_record record_;
  std::vector<edge_route> routes_;
  std::unordered_map<std::string, const static_file*> files_;
  route_table table_;
  std::string openapi_;
  std::vector<address> actors_;
  std::atomic<std::size_t> next_{0};
};

std::vector<problem> check_routes(const application& app);

}  // namespace banyan
