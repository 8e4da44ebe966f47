#include <banyan/http/route.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>

namespace banyan {

namespace {

using segment_kind = route_segment::kind;

constexpr std::size_t max_segments = 32;

bool is_name(std::string_view text) {
  const auto message = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto word = [&](char c) { return message(c) || (c >= '0' && c <= '9'); };
  return !text.empty() && message(text.front()) && std::all_of(text.begin(), text.end(), word);
}

bool is_literal(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view{"-._~!$&'()+,;=:@"}.find(c) != std::string_view::npos;
  });
}

// A segment, or why it is invalid.
std::variant<route_segment, std::string> parse_segment(std::string_view text) {
  if (text.empty()) return "has an empty segment";
  if (!text.starts_with('{')) {
    if (text == "." || text == "..") return "has a dot segment";
    if (!is_literal(text)) return "has a character that is not allowed in '" + std::string{text} + "'";
    return route_segment{segment_kind::literal, std::string{text}};
  }
  if (!text.ends_with('}')) return "has no } at the end of '" + std::string{text} + "'";
  auto name = text.substr(1, text.size() - 2);
  const bool rest = name.ends_with("...");
  if (rest) name.remove_suffix(3);
  if (!is_name(name)) return "has a bad name in '" + std::string{text} + "': use letters, digits and _";
  return route_segment{rest ? segment_kind::rest : segment_kind::capture, std::string{name}};
}

bool may_overlap(const route_segment& a, const route_segment& b) {
  return a.is != segment_kind::literal || b.is != segment_kind::literal || a.text == b.text;
}

// The relation of two patterns that may match the same path, found segment by segment.
enum class relation { disjoint, same, decided, ambiguous };

relation compare(const route_pattern& a, const route_pattern& b) {
  bool a_narrower = false;
  bool b_narrower = false;
  std::size_t i = 0;
  for (;; ++i) {
    const bool a_ends = i == a.segments.size();
    const bool b_ends = i == b.segments.size();
    if (a_ends || b_ends) {
      if (a_ends != b_ends) return relation::disjoint;
      break;
    }
    const auto& x = a.segments[i];
    const auto& y = b.segments[i];
    if (!may_overlap(x, y)) return relation::disjoint;
    if (x.is < y.is) a_narrower = true;
    if (y.is < x.is) b_narrower = true;
    if (x.is == segment_kind::rest || y.is == segment_kind::rest) {
      // A rest matches all remaining segments, so the other pattern is narrower if it has any.
      if (x.is == segment_kind::rest && y.is == segment_kind::rest) break;
      (x.is == segment_kind::rest ? b_narrower : a_narrower) = true;
      break;
    }
  }
  if (a_narrower && b_narrower) return relation::ambiguous;
  return a_narrower || b_narrower ? relation::decided : relation::same;
}

std::string joined(std::span<const std::string> segments) {
  std::string out;
  for (const auto& s : segments) {
    if (!out.empty()) out += '/';
    out += s;
  }
  return out;
}

}  // namespace

result<route_pattern> route_pattern::parse(std::string_view text) {
  const auto wrong = [&](const std::string& why) {
    return error{code::invalid_argument, "the route \"" + std::string{text} + "\" " + why};
  };
  const auto space = text.find(' ');
  if (space == std::string_view::npos) return wrong("is not a method, a space and a path");
  route_pattern pattern{std::string{text.substr(0, space)}, {}};
  if (!std::all_of(pattern.method.begin(), pattern.method.end(), [](char c) { return c >= 'A' && c <= 'Z'; }) || pattern.method.empty())
    return wrong("does not start with a method in capitals");
  auto rest = text.substr(space + 1);
  if (!rest.starts_with('/')) return wrong("has a path that does not start with /");
  if (rest == "/") return pattern;
  std::set<std::string, std::less<>> names;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const auto end = std::min(rest.find('/'), rest.size());
    auto segment = parse_segment(rest.substr(0, end));
    if (auto* why = std::get_if<std::string>(&segment)) return wrong(*why);
    auto& good = std::get<route_segment>(segment);
    rest.remove_prefix(end);
    if (good.is == segment_kind::rest && !rest.empty()) return wrong("has {" + good.text + "...} before the end");
    if (good.is != segment_kind::literal && !names.insert(good.text).second)
      return wrong("uses the name " + good.text + " twice");
    if (pattern.segments.size() == max_segments) return wrong("has too many segments");
    pattern.segments.push_back(std::move(good));
  }
  return pattern;
}

std::string route_pattern::path() const {
  if (segments.empty()) return "/";
  std::string out;
  for (const auto& s : segments) out += s.is == segment_kind::literal ? "/" + s.text : "/{" + s.text + "}";
  return out;
}

std::string_view route_match::operator[](std::string_view name) const {
  for (const auto& [key, value] : captures)
    if (key == name) return value;
  return {};
}

struct route_table::node {
  std::map<std::string, std::unique_ptr<node>, std::less<>> literals;
  std::unique_ptr<node> capture;
  std::unique_ptr<node> rest;
  struct leaf {
    std::size_t route;
    std::vector<std::string> names;
  };
  std::map<std::string, leaf, std::less<>> methods;

  node& child(const route_segment& s) {
    auto& place = s.is == segment_kind::literal ? literals[s.text] : s.is == segment_kind::capture ? capture : rest;
    if (!place) place = std::make_unique<node>();
    return *place;
  }
};

namespace {

// A search down the tree. `values` holds the captured segments so far; `allowed` collects the methods of matching
// paths.
struct search {
  std::string_view method;
  std::set<std::string> allowed;
  std::vector<std::string> values;

  template <class Node>
  std::optional<route_match> arrive(const Node& n) {
    auto hit = n.methods.find(method);
    if (hit == n.methods.end() && method == "HEAD") hit = n.methods.find("GET");
    if (hit == n.methods.end()) {
      for (const auto& [name, _] : n.methods) allowed.insert(name);
      return std::nullopt;
    }
    route_match m{hit->second.route, {}};
    for (std::size_t i = 0; i < values.size(); ++i) m.captures.emplace_back(hit->second.names[i], values[i]);
    return m;
  }

  template <class Node>
  std::optional<route_match> walk(const Node& n, std::span<const std::string> path) {
    if (path.empty()) return arrive(n);
    if (const auto literal = n.literals.find(path.front()); literal != n.literals.end())
      if (auto m = walk(*literal->second, path.subspan(1))) return m;
    if (path.front().empty()) return std::nullopt;
    if (n.capture) {
      values.push_back(path.front());
      auto m = walk(*n.capture, path.subspan(1));
      values.pop_back();
      if (m) return m;
    }
    if (!n.rest) return std::nullopt;
    values.push_back(joined(path));
    auto m = arrive(*n.rest);
    values.pop_back();
    return m;
  }
};

}  // namespace

route_table::route_table(const std::vector<std::string>& patterns) : root_{std::make_unique<node>()} {
  std::vector<std::pair<std::size_t, route_pattern>> accepted;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const auto field = "routes[" + std::to_string(i) + "]";
    auto parsed = route_pattern::parse(patterns[i]);
    if (!parsed) {
      problems_.push_back(error{parsed.error()}.at(field));
      continue;
    }
    const auto clash = std::find_if(accepted.begin(), accepted.end(), [&](const auto& other) {
      if (other.second.method != parsed->method) return false;
      const auto r = compare(other.second, *parsed);
      return r == relation::same || r == relation::ambiguous;
    });
    if (clash != accepted.end()) {
      const bool same = compare(clash->second, *parsed) == relation::same;
      problems_.push_back(error{code::conflict, "the route \"" + patterns[i] + (same ? "\" matches the same requests as \"" : "\" and \"") +
                                                    patterns[clash->first] +
                                                    (same ? "\"" : "\" match some requests both, and neither is narrower")}
                              .at(field));
      continue;
    }
    node* at = root_.get();
    std::vector<std::string> names;
    for (const auto& s : parsed->segments) {
      at = &at->child(s);
      if (s.is != segment_kind::literal) names.push_back(s.text);
    }
    at->methods.emplace(parsed->method, node::leaf{i, std::move(names)});
    accepted.emplace_back(i, std::move(*parsed));
  }
}

route_table::~route_table() = default;
route_table::route_table(route_table&&) noexcept = default;
route_table& route_table::operator=(route_table&&) noexcept = default;

route_lookup route_table::find(std::string_view method, const std::vector<std::string>& path) const {
  std::span<const std::string> segments{path};
  if (!segments.empty() && segments.back().empty()) segments = segments.first(segments.size() - 1);
  search s{method, {}, {}};
  if (auto hit = s.walk(*root_, segments)) return std::move(*hit);
  if (s.allowed.empty()) return no_such_path{};
  if (s.allowed.contains("GET")) s.allowed.insert("HEAD");
  std::string allow;
  for (const auto& m : s.allowed) allow += allow.empty() ? m : ", " + m;
  return method_not_allowed{std::move(allow)};
}

http_response to_response(const method_not_allowed& m) {
  auto r = http_response::problem(error{code::unimplemented, "this path takes " + m.allow}, 405);
  r.headers.set("Allow", m.allow);
  return r;
}

http_response to_response(const no_such_path&) { return http_response::problem(error{code::not_found, "there is nothing at this path"}); }

}  // namespace banyan
