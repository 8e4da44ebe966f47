// Routes: the mapping of method and path to a pattern, and the values of the pattern's captures.
//
//   route_table table{{"GET /orders", "POST /orders", "GET /orders/{id}", "GET /orders/recent", "GET /assets/{file...}"}};
//   for (const error& e : table.problems()) ...            // all invalid patterns; the others still work
//   route_lookup found = table.find(request.method, request.path);
//   if (auto* hit = std::get_if<route_match>(&found)) ...  // hit->route == 2, hit->captures == {{"id", "42"}}
//
// A pattern is a method and a path of segments. A segment is a literal, or a capture `{name}` of one non-empty
// segment, or, last only, a rest `{name...}`: one or more segments joined by "/". Segments are compared decoded and
// case-sensitively.
//
// Rules, independent of the table's order:
//   - a literal wins over a capture, a capture over a rest; the leftmost difference decides. "/orders/recent" is
//     never an id.
//   - two patterns of which neither is narrower ("/a/{x}" and "/{y}/b" both match /a/b) are ambiguous, which is a
//     problem.
//   - one trailing slash of the request is ignored; a pattern has none (except "/" itself).
//   - HEAD is served by GET, unless it has a route of its own.
//   - a path that matches under other methods only is "method not allowed", not "not found".
//
// Immutable and thread-safe. A look-up costs a few string comparisons per segment and branch.
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/http/message.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace banyan {

struct route_segment {
  enum class kind { literal, capture, rest };
  kind is = kind::literal;
  std::string text;  // the literal, or the capture's name
  friend bool operator==(const route_segment&, const route_segment&) = default;
};

struct route_pattern {
  std::string method;
  std::vector<route_segment> segments;

  // Errors: invalid_argument, quoting the pattern.
  static result<route_pattern> parse(std::string_view text);
  std::string path() const;  // "/orders/{id}", the form of OpenAPI, where a rest is written as a capture
  std::string to_string() const { return method + " " + path(); }
};

struct route_match {
  std::size_t route = 0;  // index into the list the table was made from
  std::vector<std::pair<std::string, std::string>> captures;

  std::string_view operator[](std::string_view name) const;  // "" when there is no such capture
};
struct method_not_allowed {
  std::string allow;  // for the Allow field: "GET, HEAD, POST"
};
struct no_such_path {};
using route_lookup = std::variant<route_match, method_not_allowed, no_such_path>;

class route_table {
 public:
  route_table() : route_table(std::vector<std::string>{}) {}
  explicit route_table(const std::vector<std::string>& patterns);
  ~route_table();
  route_table(route_table&&) noexcept;
  route_table& operator=(route_table&&) noexcept;

  // One sentence each, `field` is "routes[2]". An invalid pattern is not part of the table.
  const std::vector<error>& problems() const { return problems_; }
  route_lookup find(std::string_view method, const std::vector<std::string>& path) const;

 private:
  struct node;
  std::unique_ptr<node> root_;
  std::vector<error> problems_;
};

// The problem responses when no route matches: 405 with Allow, 404.
http_response to_response(const method_not_allowed& m);
http_response to_response(const no_such_path&);

}  // namespace banyan
