#include <banyan/http/wire.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <utility>

namespace banyan {

namespace {

// clang-format off
constexpr std::array<std::pair<int, std::string_view>, 36> phrases{{
  {100, "Continue"}, {200, "OK"}, {201, "Created"}, {202, "Accepted"}, {204, "No Content"}, {206, "Partial Content"},
  {301, "Moved Permanently"}, {302, "Found"}, {303, "See Other"}, {304, "Not Modified"}, {307, "Temporary Redirect"},
  {308, "Permanent Redirect"}, {400, "Bad Request"}, {401, "Unauthorized"}, {403, "Forbidden"}, {404, "Not Found"},
  {405, "Method Not Allowed"}, {406, "Not Acceptable"}, {408, "Request Timeout"}, {409, "Conflict"}, {410, "Gone"},
  {412, "Precondition Failed"}, {413, "Content Too Large"}, {414, "URI Too Long"}, {415, "Unsupported Media Type"},
  {417, "Expectation Failed"}, {421, "Misdirected Request"}, {422, "Unprocessable Content"}, {429, "Too Many Requests"},
  {431, "Request Header Fields Too Large"}, {500, "Internal Server Error"}, {501, "Not Implemented"},
  {502, "Bad Gateway"}, {503, "Service Unavailable"}, {504, "Gateway Timeout"}, {505, "HTTP Version Not Supported"},
}};
// clang-format on

bool frames_message(std::string_view name) {
  constexpr std::array<std::string_view, 4> ours{"content-length", "transfer-encoding", "connection", "date"};
  return std::any_of(ours.begin(), ours.end(), [&](std::string_view own) { return equal_ignoring_case(name, own); });
}

void write(std::string& out, std::string_view name, std::string_view value) { out.append(name).append(": ").append(value).append("\r\n"); }

// Writes the fields; returns the name of the first invalid one, or "".
std::string_view write_fields(std::string& out, const header_list& headers) {
  for (const auto& [name, value] : headers) {
    if (frames_message(name)) continue;
    if (!is_token(name) || !is_field_value(value)) return name.empty() ? "(no name)" : std::string_view{name};
    write(out, name, value);
  }
  return {};
}

}  // namespace

bool may_have_body(int status) { return status >= 200 && status != 204 && status != 304; }

result<std::string> response_head(const http_response& response, const response_framing& framing) {
  if (response.status < 200 || response.status > 599) return error{code::internal, "a handler gave a status outside 200 to 599"};
  std::string out;
  out.reserve(256);
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ").append(reason_phrase(response.status)).append("\r\n");
  write(out, "Date", framing.date);
  if (!framing.keep_alive)
    write(out, "Connection", "close");
  else if (framing.to_v1_0)
    write(out, "Connection", "keep-alive");
  if (may_have_body(response.status) && !framing.until_close) {
    // A response to HEAD may state the length of a body that the handler did not produce, as a proxy must.
    const auto told = response.headers.get("content-length");
    const bool digits = !told.empty() && told.find_first_not_of("0123456789") == std::string_view::npos;
    write(out, "Content-Length",
          framing.to_head && response.body.empty() && digits ? std::string{told} : std::to_string(response.body.size()));
  }
  if (const auto bad = write_fields(out, response.headers); !bad.empty())
    return error{code::internal, "a handler gave a header field that can not be written"};
  out.append("\r\n");
  return out;
}

result<std::string> request_head(const http_request& request) {
  const auto printable = [](char c) { return c > 0x20 && c < 0x7f; };
  if (!is_token(request.method)) return error{code::invalid_argument, "the method is not a token"}.at("method");
  if (request.target.empty() || !std::all_of(request.target.begin(), request.target.end(), printable))
    return error{code::invalid_argument, "the target has a space or a character outside ASCII"}.at("target");
  std::string out;
  out.reserve(256 + request.target.size());
  out.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\n");
  if (!request.headers.find("host")) {
    if (!is_field_value(request.authority)) return error{code::invalid_argument, "the authority is not a host and port"}.at("authority");
    write(out, "Host", request.authority);
  }
  const bool body_expected = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (body_expected || !request.body.empty()) write(out, "Content-Length", std::to_string(request.body.size()));
  if (const auto bad = write_fields(out, request.headers); !bad.empty())
    return error{code::invalid_argument, "the header field " + std::string{bad} + " can not be written"}.at("headers");
  out.append("\r\n");
  return out;
}

std::string_view reason_phrase(int status) {
  const auto known = std::find_if(phrases.begin(), phrases.end(), [&](const auto& p) { return p.first == status; });
  return known == phrases.end() ? std::string_view{} : known->second;
}

std::string to_http_date(instant t) {
  constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::seconds>(t - day)};
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT", days[std::chrono::weekday{day}.c_encoding()],
                static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
  return text.data();
}

}  // namespace banyan
