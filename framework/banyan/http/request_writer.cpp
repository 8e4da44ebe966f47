#include <banyan/http/request_writer.hpp>

#include <banyan/core/json.hpp>

#include <boost/json/serialize.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

namespace banyan {

namespace json = boost::json;
using source = request_member::source;
using form = request_member::form;

namespace {

error can_not_be(const std::string& name, const std::string& what) {
  return error{code::invalid_argument, name + " can not be " + what}.at(name);
}

std::string text_of(const json::value& v) { return v.is_string() ? std::string{v.get_string()} : json::serialize(v); }

std::string encoded(std::string_view text) { return boost::urls::encode(text, boost::urls::unreserved_chars); }

void add_parameter(std::string& target, bool& first, const std::string& name, const json::value& value) {
  target += first ? '?' : '&';
  first = false;
  target += encoded(name) + '=' + encoded(text_of(value));
}

}  // namespace

request_writer::request_writer(route_pattern pattern, const shape& request,
                               std::vector<std::pair<std::string, std::string>> headers)
    : pattern_{std::move(pattern)}, members_{pattern_, request}, headers_{std::move(headers)} {
  is_body_only_ = members_.takes_body() && headers_.empty();
  for (const auto& m : members_.all()) is_body_only_ = is_body_only_ && m.from != source::path;
}

result<http_request> request_writer::write(std::string text) const {
  if (is_body_only_) return json_request(pattern_.method, pattern_.path(), std::move(text));
  auto value = parse_json(text);
  if (!value) return value.error();
  if (!value->is_object()) return error{code::invalid_argument, "the request is not a JSON object"};
  auto fields = std::move(value->get_object());

  http_request request;
  request.method = pattern_.method;
  for (const auto& [header, member] : headers_) {
    const auto* field = fields.if_contains(member);
    if (!field || field->is_null()) continue;
    request.headers.add(header, text_of(*field));
    if (!is_field_value(text_of(*field))) return can_not_be(member, "sent in a header");
    fields.erase(member);
  }

  std::string target;
  for (const auto& segment : pattern_.segments) {
    target += '/';
    if (segment.is == route_segment::kind::literal) {
      target += encoded(segment.text);
      continue;
    }
    const auto* field = fields.if_contains(segment.text);
    const auto content = field ? text_of(*field) : std::string{};
    if (content.empty() || content == "." || content == "..") return can_not_be(segment.text, "part of a path");
    target += encoded(content);
    fields.erase(segment.text);
  }
  if (target.empty()) target = "/";

  bool first = true;
  for (const auto& m : members_.all()) {
    if (m.from != source::query) continue;
    const auto* field = fields.if_contains(m.name);
    if (!field || field->is_null()) continue;
    if (m.as_text == form::repeated && field->is_array()) {
      for (const auto& item : field->get_array()) add_parameter(target, first, m.name, item);
    } else {
      add_parameter(target, first, m.name, *field);
    }
  }
  request.target = std::move(target);
  if (members_.takes_body()) {
    request.body = json::serialize(fields);
    request.headers.add("Content-Type", "application/json");
  }
  return request;
}

}  // namespace banyan
