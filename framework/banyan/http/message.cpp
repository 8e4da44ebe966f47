#include <banyan/http/message.hpp>

#include <banyan/core/problem_details.hpp>
#include <banyan/core/utf8.hpp>
#include <banyan/http/authority.hpp>
#include <banyan/http/character_set.hpp>
#include <banyan/http/wire.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/scheme.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace banyan {

namespace {

namespace urls = boost::urls;

constexpr std::size_t max_query_parameters = 256;

error bad_target(std::string why) { return error{code::invalid_argument, std::move(why)}.at("target"); }

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// The text between "//" and the path. Not taken from Boost.URL, which for http://host:-1/ finds no port and takes "-1"
// as part of the path.
std::string_view authority_in(std::string_view url) {
  const auto begin = url.find("//");
  if (begin == std::string_view::npos) return {};
  const auto rest = url.substr(begin + 2);
  return rest.substr(0, rest.find_first_of("/?#"));
}

// The characters of a path that need no decoding (RFC 3986, 3.3), and the slash. Without the dot, since dot segments
// are refused.
constexpr character_set plain{
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_~!$&'()*+,;=:@/"};

// The fast path for most targets: splits a path without encoded characters, dots and query, at a tenth of the cost of
// parsing a URL. False: the target is not of this form, and `path` is unchanged.
bool read_plain_path(std::string_view target, std::vector<std::string>& path) {
  if (!target.starts_with('/') || target.starts_with("//")) return false;
  if (!std::all_of(target.begin(), target.end(), [](char c) { return plain.has(c); })) return false;
  if (target == "/") return true;
  for (auto rest = target.substr(1);;) {
    const auto end = rest.find('/');
    path.emplace_back(rest.substr(0, end));
    if (end == std::string_view::npos) return true;
    rest.remove_prefix(end + 1);
  }
}

result<void> read_path(const urls::url_view& url, http_request& request) {
  for (std::string segment : url.segments()) {
    if (segment == "." || segment == "..") return bad_target("the path has a dot segment");
    if (segment.find_first_of("/\\") != std::string::npos) return bad_target("the path has an encoded slash or a backslash");
    if (has_control(segment) || !is_utf8(segment)) return bad_target("the path has a control character or is not UTF-8");
    request.path.push_back(std::move(segment));
  }
  return {};
}

result<void> read_query(const urls::url_view& url, http_request& request) {
  urls::encoding_opts form;
  form.space_as_plus = true;
  for (auto parameter : url.params(form)) {
    if (request.query.size() == max_query_parameters) return bad_target("the query has too many parameters");
    if (!is_utf8(parameter.key) || !is_utf8(parameter.value)) return bad_target("the query is not UTF-8");
    request.query.emplace_back(std::move(parameter.key), std::move(parameter.value));
  }
  return {};
}

http_response with_type(std::string_view type, std::string content, int status) {
  http_response r{.status = status, .headers = {}, .body = std::move(content)};
  r.headers.add("Content-Type", std::string{type});
  return r;
}

}  // namespace

const std::string* http_request::query_value(std::string_view name) const {
  for (const auto& [key, value] : query)
    if (key == name) return &value;
  return nullptr;
}

http_request json_request(std::string method, std::string target, std::string body) {
  http_request r;
  r.method = std::move(method);
  r.target = std::move(target);
  r.body = std::move(body);
  if (!r.body.empty()) r.headers.add("Content-Type", "application/json");
  return r;
}

result<void> read_target(http_request& request) {
  request.path.clear();
  request.query.clear();
  if (request.target == "*") {
    if (request.method == "OPTIONS") return {};
    return bad_target("only OPTIONS takes the target *");
  }
  if (read_plain_path(request.target, request.path)) return {};
  const bool origin_form = request.target.starts_with('/');
  const auto url = origin_form ? urls::parse_origin_form(request.target) : urls::parse_absolute_uri(request.target);
  if (!url) return bad_target("the target is not a valid path or URL");
  if (!origin_form) {
    if (url->scheme_id() != urls::scheme::http && url->scheme_id() != urls::scheme::https) return bad_target("the target's scheme is not http");
    if (!url->has_authority() || url->host().empty() || url->has_userinfo()) return bad_target("the target names no host");
    request.authority = std::string{authority_in(request.target)};
    if (auto read = read_authority(request.authority); !read) return bad_target("the target's host is wrong: " + read.error().message);
  }
  if (auto path = read_path(*url, request); !path) return path;
  return read_query(*url, request);
}

result<http_request> request_to(std::string method, std::string_view url, std::string body) {
  const auto wrong = [](std::string why) { return error{code::invalid_argument, std::move(why)}.at("url"); };
  if (!is_token(method)) return error{code::invalid_argument, "the method is not a token"}.at("method");
  const auto parsed = urls::parse_absolute_uri(url);
  if (!parsed) return wrong("not an absolute URL without a fragment");
  const bool https = parsed->scheme_id() == urls::scheme::https;
  if (!https && parsed->scheme_id() != urls::scheme::http)
    return wrong("only http:// and https:// URLs are understood");
  if (parsed->host().empty() || parsed->has_userinfo()) return wrong("the URL must name a host, without a user");
  const auto at = read_authority(authority_in(url));
  if (!at) return wrong(at.error().message);
  if (at->port == 0) return wrong("a port is a number from 1 to 65535");
  http_request request;
  request.method = std::move(method);
  request.https = https;
  request.target = std::string{parsed->encoded_resource()};
  if (!request.target.starts_with('/')) request.target.insert(0, 1, '/');
  request.body = std::move(body);
  if (auto read = read_target(request); !read) return read.error();
  request.authority = std::string{parsed->encoded_host_and_port()};
  return request;
}

http_response http_response::json(const boost::json::value& content, int status) {
  return json_text(boost::json::serialize(content), status);
}
http_response http_response::json_text(std::string content, int status) {
  return with_type("application/json", std::move(content), status);
}
http_response http_response::text(std::string content, int status) {
  return with_type("text/plain; charset=utf-8", std::move(content), status);
}

http_response http_response::events(std::shared_ptr<event_reader> from) {
  auto r = with_type("text/event-stream", {}, 200);
  r.headers.set("Cache-Control", "no-store");
  r.stream = std::move(from);
  return r;
}

http_response http_response::problem(const error& e) {
  auto r = with_type(problem_media_type, to_problem(e), http_status(e.code));
  if (e.retry_after) r.headers.add("Retry-After", std::to_string(std::chrono::ceil<std::chrono::seconds>(*e.retry_after).count()));
  return r;
}

http_response http_response::problem(const error& e, int status) {
  auto r = problem(e);
  if (status == r.status) return r;
  r.status = status;
  auto document = boost::json::parse(r.body).as_object();
  document["status"] = status;
  document["title"] = reason_phrase(status);
  r.body = boost::json::serialize(document);
  return r;
}

result<http_response> succeeded(http_response response) {
  if (response.status / 100 == 2) return response;
  auto why = from_problem(response.status, response.body);
  const auto wait = response.headers.get("retry-after");
  std::uint32_t seconds = 0;
  const auto [end, ec] = std::from_chars(wait.data(), wait.data() + wait.size(), seconds);
  if (!why.retry_after && !wait.empty() && ec == std::errc{} && end == wait.data() + wait.size())
    why.retry_after = std::min<std::chrono::seconds>(std::chrono::seconds{seconds}, std::chrono::hours{24});
  return why;
}

bool is_idempotent(std::string_view method) {
  constexpr std::array<std::string_view, 6> methods{"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"};
  return std::find(methods.begin(), methods.end(), method) != methods.end();
}

}  // namespace banyan
