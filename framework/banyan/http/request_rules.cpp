#include <banyan/http/request_rules.hpp>

#include <banyan/core/text.hpp>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>

namespace banyan {

namespace {

std::string lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  return first == text.npos ? std::string_view{} : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// The normal form of an origin: scheme, host and port; empty when it is no origin.
std::string origin_of(std::string_view text) {
  const auto url = boost::urls::parse_absolute_uri(text);
  if (!url || !url->has_authority() || url->host().empty() || url->has_userinfo() || !url->encoded_path().empty() || url->has_query())
    return {};
  const auto scheme = lower(std::string{url->scheme()});
  if (scheme != "http" && scheme != "https") return {};
  auto origin = scheme + "://" + lower(std::string{url->encoded_host()});
  const std::string port{url->port()};
  const bool by_default = port.empty() || port == (scheme == "http" ? "80" : "443");
  return by_default ? origin : origin + ":" + port;
}

// The parameters of a media type: a charset must be UTF-8, others are ignored for JSON. False when malformed.
bool good_parameters(std::string_view rest) {
  while (!rest.empty()) {
    if (rest.front() != ';') return false;
    rest.remove_prefix(1);
    rest = rest.substr(std::min(rest.find_first_not_of(" \t"), rest.size()));
    if (rest.empty() || rest.front() == ';') continue;
    const auto equals = rest.find('=');
    if (equals == rest.npos || !is_token(rest.substr(0, equals))) return false;
    const auto name = rest.substr(0, equals);
    rest.remove_prefix(equals + 1);
    std::string value;
    if (rest.starts_with('"')) {
      std::size_t i = 1;
      for (; i < rest.size() && rest[i] != '"'; ++i) value += rest[i] == '\\' && i + 1 < rest.size() ? rest[++i] : rest[i];
      if (i == rest.size()) return false;
      rest.remove_prefix(i + 1);
    } else {
      const auto end = std::min(rest.find_first_of("; \t"), rest.size());
      if (!is_token(rest.substr(0, end))) return false;
      value = rest.substr(0, end);
      rest.remove_prefix(end);
    }
    if (equal_ignoring_case(name, "charset") && !equal_ignoring_case(value, "utf-8")) return false;
    rest = rest.substr(std::min(rest.find_first_not_of(" \t"), rest.size()));
  }
  return true;
}

http_response unsupported(std::string why) {
  return http_response::problem(error{code::invalid_argument, std::move(why)}.because("unsupported_media_type"), 415);
}

std::optional<http_response> refuse_body(const http_request& r) {
  for (const auto& field : r.headers)
    if (equal_ignoring_case(field.name, "Content-Encoding") && !equal_ignoring_case(trimmed(field.value), "identity")) {
      auto refusal = unsupported("a body is taken as it is, without a Content-Encoding");
      refusal.headers.set("Accept-Encoding", "identity");
      return refusal;
    }
  if (r.headers.count("Content-Type") == 1 && is_json_type(r.headers.get("Content-Type"))) return {};
  auto refusal = unsupported("a body needs one Content-Type, application/json in UTF-8");
  refusal.headers.set("Accept", "application/json");
  return refusal;
}

http_response foreign() {
  return http_response::problem(
      error{code::forbidden, "a page of another origin sends this request; the setting allowed_origins names those that may"}.because(
          "foreign_origin"));
}

std::optional<http_response> refuse_origin(const http_request& r, const request_rules& rules) {
  if (is_safe(r.method)) return {};
  const auto origins = r.headers.count("Origin");
  if (origins > 1) return foreign();
  if (origins == 1) {
    const auto origin = origin_of(trimmed(r.headers.get("Origin")));
    if (origin.empty()) return foreign();
    if (std::find(rules.allowed_origins.begin(), rules.allowed_origins.end(), origin) != rules.allowed_origins.end()) return {};
    if (origin != origin_of((r.https ? "https://" : "http://") + r.authority)) return foreign();
  }
  for (const auto& field : r.headers) {
    if (!equal_ignoring_case(field.name, "Sec-Fetch-Site")) continue;
    const auto from = trimmed(field.value);
    if (from != "same-origin" && from != "none") return foreign();
  }
  return {};
}

// Partial PUT is not supported (RFC 9110, 14.5): the rest of the resource would be lost.
std::optional<http_response> refuse_part(const http_request& r) {
  if (r.method != "PUT" || !r.headers.find("Content-Range")) return {};
  return http_response::problem(error{code::invalid_argument, "a part of a resource can not be put"}.at("Content-Range"));
}

// Resources have no validators, so a condition can not be checked, and the method must not be performed (RFC 9110,
// 13.2).
std::optional<http_response> refuse_precondition(const http_request& r) {
  if (is_safe(r.method)) return {};
  for (const auto* name : {"If-Match", "If-None-Match", "If-Unmodified-Since"})
    if (r.headers.find(name))
      return http_response::problem(
          error{code::conflict, "preconditions are not offered on this route; nothing was done"}.because("precondition_not_offered").at(name),
          412);
  return {};
}

std::optional<http_response> judge(const http_request& r, const request_rules& rules, bool has_body) {
  if (auto refusal = refuse_origin(r, rules)) return refusal;
  if (has_body)
    if (auto refusal = refuse_body(r)) return refusal;
  if (auto refusal = refuse_part(r)) return refusal;
  return refuse_precondition(r);
}

}  // namespace

bool is_safe(std::string_view method) { return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE"; }

bool is_json_type(std::string_view content_type) {
  const auto type = trimmed(content_type);
  const auto end = std::min(type.find_first_of("; \t"), type.size());
  const auto name = lower(type.substr(0, end));
  constexpr std::string_view prefix = "application/";
  if (!name.starts_with(prefix)) return false;
  const auto subtype = std::string_view{name}.substr(prefix.size());
  if (!is_token(subtype)) return false;
  if (subtype != "json" && !(subtype.ends_with("+json") && subtype.size() > 5)) return false;
  return good_parameters(trimmed(type.substr(end)));
}

std::optional<http_response> refuse(const http_request& request, const request_rules& rules) {
  return judge(request, rules, !request.body.empty());
}

std::optional<http_response> refuse_head(const http_request& head, const request_rules& rules) { return judge(head, rules, true); }

result<std::vector<std::string>> parse_origins(std::string_view list) {
  std::vector<std::string> origins;
  for (const auto text : list_items(list)) {
    auto origin = origin_of(text);
    if (origin.empty())
      return error{code::invalid_argument, "an origin is a scheme, a host and perhaps a port, such as https://shop.example"};
    origins.push_back(std::move(origin));
  }
  return origins;
}

}  // namespace banyan
