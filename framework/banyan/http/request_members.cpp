#include <banyan/http/request_members.hpp>

#include <banyan/core/json.hpp>
#include <banyan/core/utf8.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

namespace banyan {

namespace {

namespace json = boost::json;
using source = request_member::source;
using form = request_member::form;

error refuse(const std::string& name, const std::string& why) { return error{code::invalid_argument, name + " " + why}.at(name); }

template <class N>
std::optional<json::value> number(const std::string& text) {
  N n{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (failed != std::errc{} || end != text.data() + text.size()) return {};
  return json::value(n);
}

const shape& content_of(const shape& s) { return s.kind == shape_kind::optional ? content_of(s.parts[0].type) : s; }

bool is_simple(const shape& s) {
  return s.kind == shape_kind::boolean || s.kind == shape_kind::integer || s.kind == shape_kind::number ||
         s.kind == shape_kind::text || s.kind == shape_kind::enumeration;
}

form form_of(const shape& s, source from) {
  if (is_simple(s)) return form::plain;
  return s.kind == shape_kind::list && from != source::path && is_simple(s.parts[0].type) ? form::repeated : form::json;
}

// Parses a value; the range of a number is checked when the request is decoded.
result<json::value> from_text(const std::string& name, const std::string& text, const shape& type, form how) {
  if (how == form::json) {
    auto value = parse_json(text);
    if (!value) return refuse(name, "must be JSON: " + value.error().message);
    return value;
  }
  switch (type.kind) {
    case shape_kind::boolean:
      if (text == "true" || text == "false") return json::value(text == "true");
      return refuse(name, "must be true or false");
    case shape_kind::integer:
      if (auto n = number<std::int64_t>(text)) return *n;
      if (auto n = number<std::uint64_t>(text)) return *n;
      return refuse(name, "must be a whole number");
    case shape_kind::number:
      if (auto n = number<double>(text); n && std::isfinite(n->get_double())) return *n;
      return refuse(name, "must be a number");
    default:
      return json::value(text);
  }
}

bool is_same(const json::value& a, const json::value& b, const shape& type) {
  if (type.format == "uuid" && a.is_string() && b.is_string()) return equal_ignoring_case(a.get_string().c_str(), b.get_string().c_str());
  return a == b;
}

}  // namespace

request_members::request_members(const route_pattern& pattern, const shape& request, const taken_from& elsewhere)
    : method_{pattern.method}, body_{request}, whole_body_{elsewhere.body} {
  takes_body_ = method_ != "GET" && method_ != "HEAD" && method_ != "DELETE";
  const auto is_captured = [&](const std::string& name) {
    return std::any_of(pattern.segments.begin(), pattern.segments.end(),
                       [&](const route_segment& s) { return s.is != route_segment::kind::literal && s.text == name; });
  };
  for (const auto& s : pattern.segments) {
    if (s.is == route_segment::kind::literal) continue;
    request_member m{s.text, source::path, true, shape::text(), form::plain};
    for (const auto& part : request.parts)
      if (request.kind == shape_kind::record && part.name == s.text) m.type = content_of(part.type);
    m.as_text = form_of(m.type, source::path);
    all_.push_back(std::move(m));
  }
  if (request.kind != shape_kind::record) {
    needs_body_ = takes_body_;
    return;
  }
  std::erase_if(body_.parts, [&](const shape::part& part) { return is_captured(part.name); });
  const bool is_parsed = takes_body_ && whole_body_.empty();
  for (const auto& part : body_.parts) {
    request_member m{part.name, is_parsed ? source::body : source::query, part.required, content_of(part.type),
                     form::plain};
    for (const auto& [header, member] : elsewhere.headers)
      if (member == part.name) m.header = header;
    if (!m.header.empty()) m.from = source::header;
    if (takes_body_ && part.name == whole_body_) m.from = source::whole_body;
    m.as_text = form_of(m.type, m.from);
    if (m.from == source::body && !part.required && m.as_text != form::json) m.from = source::body_or_query;
    needs_body_ = needs_body_ || ((m.from == source::body || m.from == source::whole_body) && part.required);
    all_.push_back(std::move(m));
  }
  if (is_parsed)
    std::erase_if(body_.parts, [&](const shape::part& part) { return find(part.name)->from == source::header; });
  else if (takes_body_)
    body_ = shape{};
}

const request_member* request_members::find(std::string_view name) const {
  const auto found = std::find_if(all_.begin(), all_.end(), [&](const request_member& m) { return m.name == name; });
  return found == all_.end() ? nullptr : &*found;
}

result<json::object> request_members::read(const http_request& request, const route_match& match) const {
  auto fields = read_body(request);
  if (!fields) return fields;
  if (auto ok = read_query(request, *fields); !ok) return ok.error();
  if (auto ok = read_headers(request, *fields); !ok) return ok.error();
  if (auto ok = read_captures(match, *fields); !ok) return ok.error();
  return fields;
}

result<json::object> request_members::read_body(const http_request& request) const {
  json::object fields;
  if (takes_body_ && !whole_body_.empty()) {
    if (!is_utf8(request.body)) return error{code::invalid_argument, "the body is not valid UTF-8"}.at("body");
    fields[whole_body_] = request.body;
    return fields;
  }
  if (request.body.empty()) return fields;
  if (!takes_body_) return error{code::invalid_argument, "a " + method_ + " takes no body here"}.at("body");
  auto body = parse_json(request.body);
  if (!body) return body.error();
  if (!body->is_object()) return error{code::invalid_argument, "the body must be a JSON object"};
  fields = std::move(body->get_object());
  return fields;
}

// What a body says under the name of such a member is no source of it.
result<void> request_members::read_headers(const http_request& request, json::object& fields) const {
  for (const auto& m : all_) {
    if (m.from != source::header) continue;
    fields.erase(m.name);
    const auto count = request.headers.count(m.header);
    if (count > 1) return error{code::invalid_argument, m.header + " occurs twice"}.at(m.header);
    if (count == 0 && m.required)
      return error{code::invalid_argument, "the header " + m.header + " is missing"}.at(m.header);
    if (count == 0) continue;
    auto value = from_text(m.header, *request.headers.find(m.header), m.type, m.as_text);
    if (!value) return value.error();
    fields[m.name] = std::move(*value);
  }
  return {};
}

result<void> request_members::read_captures(const route_match& match, json::object& fields) const {
  for (const auto& [name, text] : match.captures) {
    const auto& m = *find(name);
    auto value = from_text(name, text, m.type, m.as_text);
    if (!value) return value.error();
    if (const auto* other = fields.if_contains(name); other && !is_same(*other, *value, m.type))
      return refuse(name, "is another one in the body than in the path");
    fields[name] = std::move(*value);
  }
  return {};
}

result<void> request_members::read_query(const http_request& request, json::object& fields) const {
  std::set<std::string_view> seen;
  for (const auto& [name, text] : request.query) {
    const auto* m = find(name);
    if (!m) continue;
    const bool first = seen.insert(name).second;
    if (m->from == source::path) return refuse(name, "is in the path and in the query string");
    if (m->from == source::body) return refuse(name, "belongs in the body, not in the query string");
    if (m->from == source::whole_body) return refuse(name, "is the body, not in the query string");
    if (m->from == source::header)
      return refuse(name, "belongs in the header " + m->header + ", not in the query string");
    if (first && fields.contains(name)) return refuse(name, "is in the body and in the query string");
    if (!first && m->as_text != form::repeated) return refuse(name, "occurs twice in the query string");
    auto value = from_text(name, text, m->as_text == form::repeated ? m->type.parts[0].type : m->type, m->as_text);
    if (!value) return value.error();
    if (m->as_text != form::repeated)
      fields[name] = std::move(*value);
    else if (first)
      fields[name] = json::array{std::move(*value)};
    else
      fields[name].as_array().push_back(std::move(*value));
  }
  return {};
}

}  // namespace banyan
