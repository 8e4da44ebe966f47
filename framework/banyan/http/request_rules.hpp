// What a request must be before anybody reads its content: rules against requests that a web page of somebody else makes a browser send
// (cross-site request forgery), against bodies that would be taken for something they are not, and against conditions that nobody judges.
//
//   if (auto refusal = refuse(request, {.allowed_origins = {"https://shop.example"}})) return answer(*refusal);
//
// On a method that may change something (any but GET, HEAD, OPTIONS and TRACE; RFC 9110, 9.2.1):
//   - `Origin`, when there is one, must be our own, "http://" and what the Host field says, or an allowed one: 403 (RFC 6454);
//   - `Sec-Fetch-Site`, when there is one, must be "same-origin" or "none", unless the origin is an allowed one: 403 (W3C Fetch Metadata).
//     "same-site" is refused too: another port of one host is a page of somebody else.
// A request with neither field is no browser's, and passes: curl, other services. On such a method also:
//   - `If-Match`, `If-None-Match` and `If-Unmodified-Since` are answered 412, whatever they say: what is here has no validators, and what
//     they were sent to prevent must not be done (RFC 9110, 13.2);
//   - `Content-Range` with PUT is answered 400: a part is not the whole (RFC 9110, 14.5).
// On any method, for a body that is not empty:
//   - `Content-Type` must be there, once, and be application/json or application/...+json, in UTF-8 when it says a charset: 415. To a
//     foreign server a browser sends other types, and a body without one, without asking it first;
//   - `Content-Encoding`, when there is one, must be identity: 415 with Accept-Encoding (RFC 9110, 15.5.16).
//
// Behind a proxy that ends TLS or changes Host, its public origin is an allowed one. To allow an origin lets its pages send requests here;
// it does not let them read the answers (there is no CORS). That Host is a name of ours is checked elsewhere: the server knows its names.
// Pure: any part that serves HTTP uses it as it is.
#pragma once

#include <banyan/http/message.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

struct request_rules {
  std::vector<std::string> allowed_origins = {};  // as `parse_origins` gives them
};

// The answer to a request that breaks a rule: 403 with reason "foreign_origin", 415 with reason "unsupported_media_type", 400 for a part, or
// 412 with reason "precondition_not_offered".
std::optional<http_response> refuse(const http_request& request, const request_rules& rules);
// The same of a request whose body is still to come.
std::optional<http_response> refuse_head(const http_request& head, const request_rules& rules);

bool is_safe(std::string_view method);             // RFC 9110, 9.2.1
bool is_json_type(std::string_view content_type);  // "application/json; charset=utf-8", "application/merge-patch+json"

// "https://shop.example, http://127.0.0.1:3000" -> each in the form in which origins are compared: lower case, without the scheme's own
// port. Errors: invalid_argument for what is no origin; "null" and "*" are none.
result<std::vector<std::string>> parse_origins(std::string_view list);

}  // namespace banyan
