#include <banyan/core/problem_details.hpp>

#include <banyan/core/json.hpp>

#include <algorithm>

namespace banyan {
namespace {

constexpr std::size_t largest_document = 64 << 10;
constexpr std::chrono::milliseconds longest_wait = std::chrono::hours{24};

struct problem_details {
  std::string type;
  std::string title;
  int status = 0;
  std::string detail;
  std::string code;       // as text: a newer server may know codes that we do not
  std::string outcome;
  std::optional<std::string> reason;
  std::optional<std::string> field;
  std::optional<std::int64_t> retry_after_ms;
  std::optional<bool> retried;  // true or absent

  static constexpr auto optional_fields = fields("type", "title", "status", "detail", "code", "outcome");
};
BOOST_DESCRIBE_STRUCT(problem_details, (),
                      (type, title, status, detail, code, outcome, reason, field, retry_after_ms, retried))

std::string_view phrase(int status) {
  switch (status) {
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 409: return "Conflict";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    default: return "Internal Server Error";
  }
}

// A reason that is an identifier names a problem type; about:blank means that the status says all there is (RFC
// 9457).
std::string type_of_reason(std::string_view reason) {
  constexpr std::string_view safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  if (reason.empty() || reason.find_first_not_of(safe) != std::string_view::npos) return "about:blank";
  return "/problems/" + std::string{reason};
}

std::optional<std::string> unless_empty(const std::string& text) { return text.empty() ? std::nullopt : std::optional{text}; }

code code_of_status(int status) {
  switch (status) {
    case 401: return code::unauthenticated;
    case 403: return code::forbidden;
    case 404:
    case 410: return code::not_found;
    case 405:
    case 501: return code::unimplemented;
    case 408:
    case 504: return code::deadline_exceeded;
    case 409:
    case 412: return code::conflict;
    case 422: return code::refused;
    case 429: return code::exhausted;
    case 502:
    case 503: return code::unavailable;
    default: return status >= 400 && status < 500 ? code::invalid_argument : code::internal;
  }
}

outcome outcome_of_status(int status) {
  const bool client_error = status >= 400 && status < 500 && status != 408;
  return client_error || status == 501 ? outcome::not_applied : outcome::unknown;
}

}  // namespace

int http_status(code c) {
  switch (c) {
    case code::invalid_argument: return 400;
    case code::unauthenticated: return 401;
    case code::forbidden: return 403;
    case code::not_found: return 404;
    case code::conflict: return 409;
    case code::refused: return 422;
    case code::exhausted: return 429;
    case code::unimplemented: return 501;
    case code::unavailable: return 503;
    case code::deadline_exceeded: return 504;
    case code::corrupt:
    case code::internal: break;
  }
  return 500;
}

std::string to_problem(const error& e) {
  problem_details p;
  p.type = type_of_reason(e.reason);
  p.status = http_status(e.code);
  p.title = phrase(p.status);
  p.detail = e.message;
  p.code = to_string(e.code);
  p.outcome = to_string(e.outcome);
  p.reason = unless_empty(e.reason);
  p.field = unless_empty(e.field);
  if (e.retry_after) p.retry_after_ms = e.retry_after->count();
  if (e.retried) p.retried = true;
  return to_json(p);
}

error from_problem(int status, std::string_view body) {
  error e{code_of_status(status), "the server answered with status " + std::to_string(status), outcome_of_status(status)};
  auto p = from_json<problem_details>(body, largest_document);
  if (!p) return e;
  if (!p->detail.empty()) e.message = std::move(p->detail);
  else if (!p->title.empty()) e.message = std::move(p->title);
  // A code that does not belong to this status was written by another server.
  if (code named{}; boost::describe::enum_from_string(p->code.c_str(), named) && http_status(named) == status) {
    e.code = named;
    if (outcome known{}; boost::describe::enum_from_string(p->outcome.c_str(), known)) e.outcome = known;
    e.retried = p->retried.value_or(false);
  }
  e.reason = std::move(p->reason).value_or("");
  e.field = std::move(p->field).value_or("");
  if (const auto wait = p->retry_after_ms; wait && *wait >= 0) e.retry_after = std::min(std::chrono::milliseconds{*wait}, longest_wait);
  return e;
}

}  // namespace banyan
