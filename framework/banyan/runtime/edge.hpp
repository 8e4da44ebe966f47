// The edge: HTTP requests become messages to the operations that the routes name, answers become responses. No sockets here: the HTTP server
// calls `handle`, and so do a simulation and a test.
#pragma once

#include <banyan/http/http_routes.hpp>
#include <banyan/http/message.hpp>
#include <banyan/http/route.hpp>
#include <banyan/http/static_files.hpp>
#include <banyan/runtime/node.hpp>

#include <atomic>
#include <memory>
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

  void handle(http_request request, completion<http_response> answer) const;
  const std::string& openapi() const { return openapi_; }

  struct exchange {
    using reply = http_response;
    http_request request;
  };
  const address& next_actor() const { return actors_[next_.fetch_add(1, std::memory_order_relaxed) % actors_.size()]; }

  // For the edge's actors.
  const route_table& routes() const { return table_; }
  const edge_route& route(std::size_t i) const { return routes_[i]; }
  const banyan::node& where() const { return node_; }
  const edge_options& options() const { return options_; }

 private:
  node& node_;
  edge_options options_;
  std::vector<edge_route> routes_;
  std::unordered_map<std::string, const static_file*> files_;
  route_table table_;
  std::string openapi_;
  std::vector<address> actors_;
  mutable std::atomic<std::size_t> next_{0};
};

std::vector<problem> check_routes(const application& app);

}  // namespace banyan
