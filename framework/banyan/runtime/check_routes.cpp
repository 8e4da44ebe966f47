// Static checks of an application's routes and files.
#include <banyan/core/utf8.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/http/static_files.hpp>
#include <banyan/plan/nearest.hpp>
#include <banyan/runtime/edge.hpp>

#include <algorithm>
#include <charconv>
#include <map>

namespace banyan {
namespace {

struct owned_route {
  std::string owner;  // "orders.http_route.get_order"
  const route_spec* spec;
};

std::string quoted(std::string_view text) { return '"' + std::string{text} + '"'; }

// The methods of RFC 9110 and RFC 5789 that a route may use. CONNECT and TRACE are never answered; the edge answers
// OPTIONS.
void check_method(const owned_route& r, const route_pattern& pattern, std::vector<problem>& out) {
  static const std::vector<std::string> known{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
  if (std::find(known.begin(), known.end(), pattern.method) != known.end()) return;
  const auto meant = nearest(pattern.method, known);
  out.push_back({r.owner, "the route " + quoted(r.spec->pattern) + " has the method " + pattern.method +
                              (meant.empty() ? ", a route has GET, HEAD, POST, PUT, PATCH or DELETE" : "; did you mean " + meant + "?")});
}

// The status of success must be 2xx.
void check_success(const owned_route& r, std::vector<problem>& out) {
  if (r.spec->success >= 200 && r.spec->success <= 299) return;
  out.push_back({r.owner, "the route " + quoted(r.spec->pattern) + " answers success with " + std::to_string(r.spec->success) +
                              "; a .success is from 200 to 299"});
}

// A path capture without a member of its name would be dropped, and the intended member missing in every request.
void check_captures(const owned_route& r, const route_pattern& pattern, std::vector<problem>& out) {
  const auto request = r.spec->request_shape();
  std::vector<std::string> members;
  for (const auto& part : request.parts) members.push_back(part.name);
  for (const auto& segment : pattern.segments) {
    if (segment.is == route_segment::kind::literal) continue;
    if (request.kind == shape_kind::record && std::find(members.begin(), members.end(), segment.text) != members.end()) continue;
    const auto meant = nearest(segment.text, members);
    out.push_back({r.owner, "the route " + quoted(r.spec->pattern) + " captures {" + segment.text + "}, which " + r.spec->operation +
                                " has no member for" +
                               (meant.empty() ? "; name one of its members, or add this one"
                                              : "; did you mean {" + meant + "}?")});
  }
}

// What a header or the body is to fill must be a member, and of a type that has a text.
void check_sources(const owned_route& r, const route_pattern& pattern, std::vector<problem>& out) {
  const auto request = r.spec->request_shape();
  std::vector<std::string> members;
  for (const auto& part : request.parts) members.push_back(part.name);
  const auto wrong = [&](const std::string& what) {
    out.push_back({r.owner, "the route " + quoted(r.spec->pattern) + what});
  };
  const auto missing = [&](const std::string& source, const std::string& member) {
    if (std::find(members.begin(), members.end(), member) != members.end()) return false;
    const auto meant = nearest(member, members);
    wrong(" takes " + member + " from " + source + ", which " + r.spec->operation + " has no member for" +
          (meant.empty() ? "; name one of its members, or add this one" : "; did you mean " + meant + "?"));
    return true;
  };
  const request_members read{pattern, request, r.spec->elsewhere};
  const auto is_plain = [&](const std::string& member, bool is_text) {
    return std::any_of(read.all().begin(), read.all().end(), [&](const request_member& m) {
      return m.name == member && m.as_text == request_member::form::plain &&
             (!is_text || m.type.kind == shape_kind::text);
    });
  };
  for (const auto& [header, member] : r.spec->elsewhere.headers) {
    if (!is_token(header)) wrong(" takes " + member + " from " + quoted(header) + ", which is no name of a header");
    if (!missing("the header " + header, member) && !is_plain(member, false))
      wrong(" takes " + member + " from the header " + header +
            "; a header fills a text, a number, a boolean or an enumerator");
  }
  const auto& body = r.spec->elsewhere.body;
  if (body.empty() || missing("the body", body)) return;
  if (!read.takes_body()) wrong(" takes " + body + " from the body, and a " + pattern.method + " has none");
  if (!is_plain(body, true)) wrong(" takes " + body + " from the body; the whole body fills a text");
}

// Whether path, query string and body can fill the request: a record, or what a body may hold instead of one.
bool can_be_filled(const shape& request, bool has_body) {
  using kind = shape_kind;
  if (request.kind == kind::record) return true;
  return has_body && (request.kind == kind::variant || request.kind == kind::map || request.kind == kind::any);
}

void check_content(const owned_route& r, const route_pattern& pattern, std::vector<problem>& out) {
  if (can_be_filled(r.spec->request_shape(), request_members{pattern, r.spec->request_shape()}.takes_body())) return;
  out.push_back({r.owner, "the route " + quoted(r.spec->pattern) + " fills nothing of " + r.spec->operation +
                              ", which is no struct with members: every request would be refused"});
}

// A route to an operation without a handler would always answer 501. Operations of an API are checked with their
// service.
void check_answered(const owned_route& r, const application& app, std::vector<problem>& out) {
  const auto* request = r.spec->request;
  for (const auto& p : app.services) {
    if (!p.implementers(request).empty()) return;
    for (const auto& operation : p.operations())
      if (operation.request == request) return;
  }
  out.push_back({r.owner, "the route " + quoted(r.spec->pattern) + " asks " + r.spec->operation +
                              ", which no service of this application answers: add handles<...>{} or another "
                              "pattern that takes this message"});
}

// Whether a request can have this path (http_request::path).
bool can_be_asked_for(std::string_view path) {
  const auto unfit = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\'; };
  if (!path.starts_with('/') || !is_utf8(path) || std::any_of(path.begin(), path.end(), unfit)) return false;
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto segment = path.substr(0, path.find('/'));
    if (segment.empty() || segment == "." || segment == "..") return false;
    path.remove_prefix(segment.size());
  }
  return true;
}

// One file per path. Files are looked up before routes.
void check_files(const application& app, const std::vector<owned_route>& routes, std::vector<problem>& out) {
  std::map<std::string, std::string> owners{{"/openapi.json", "the edge itself"}};
  for (const auto& p : app.services)
    for (auto& [item, spec] : p.all<static_file_spec>())
      for (const auto& f : spec->files) {
        const auto owner = item_path(p, *item);
        if (!can_be_asked_for(f.path))
          out.push_back({owner, "the file " + quoted(f.path) +
                                    " can never be asked for: a path begins with /, and its segments are names"});
        if (const auto [first, is_new] = owners.emplace(f.path, owner); !is_new)
          out.push_back({owner, "the file " + quoted(f.path) + " is never served: there is one of " + first->second});
      }
  for (const auto& r : routes) {
    const auto pattern = route_pattern::parse(r.spec->pattern);
    if (!pattern || (pattern->method != "GET" && pattern->method != "HEAD")) continue;
    // A route with captures matches no file.
    const auto path = pattern->segments.empty() ? "/index.html" : pattern->path();
    if (const auto file = owners.find(path); file != owners.end())
      out.push_back({r.owner, "the route " + quoted(r.spec->pattern) + " is never asked: the file " + quoted(path) + " of " +
                                  file->second + " is served instead"});
  }
}

// "routes[3]" -> 3
std::size_t index_in(const std::string& field) {
  std::size_t i = 0;
  const auto open = field.find('[');
  if (open != field.npos) std::from_chars(field.data() + open + 1, field.data() + field.size(), i);
  return i;
}

}  // namespace

std::vector<problem> check_routes(const application& app) {
  std::vector<owned_route> routes;
  std::vector<std::string> patterns;
  for (const auto& p : app.services) {
    for (auto& [item, spec] : p.all<route_spec>()) {
      routes.push_back({item_path(p, *item), spec});
      patterns.push_back(spec->pattern);
    }
  }
  std::vector<problem> found;
  for (const auto& r : routes) {
    const auto pattern = route_pattern::parse(r.spec->pattern);
    if (!pattern) continue;  // reported by the route table
    check_method(r, *pattern, found);
    check_success(r, found);
    check_captures(r, *pattern, found);
    check_content(r, *pattern, found);
    check_sources(r, *pattern, found);
  }
  for (const auto& r : routes) check_answered(r, app, found);
  check_files(app, routes, found);
  const route_table table{patterns};
  for (const auto& e : table.problems()) {
    const auto at = index_in(e.field);
    auto sentence = e.message;
    for (std::size_t other = 0; other < at; ++other)  // names the owner of the other route
      if (e.message.find(quoted(patterns[other])) != std::string::npos && routes[other].owner != routes[at].owner) {
        sentence += " (of " + routes[other].owner + ")";
        break;
      }
    found.push_back({routes[at].owner, std::move(sentence)});
  }
  return found;
}

}  // namespace banyan
