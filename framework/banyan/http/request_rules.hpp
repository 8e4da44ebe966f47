// Checks of a request before its content is read: against cross-site request forgery (requests that a foreign web
// page makes a browser send), unexpected media types, and conditional requests, which are not supported.
//
//   if (auto refusal = refuse(request, {.allowed_origins = {"https://shop.example"}})) return answer(*refusal);
//
// On a method that may change something (any but GET, HEAD, OPTIONS and TRACE; RFC 9110, 9.2.1):
//   - `Origin`, if present, must be our own ("http://", or "https://" with TLS, plus the Host field) or an allowed
//     one: else 403 (RFC 6454);
//   - `Sec-Fetch-Site`, if present, must be "same-origin" or "none", unless the origin is allowed: else 403 (W3C
//     Fetch Metadata). "same-site" is refused too: another port of the same host may be somebody else's page.
//   - a request with neither field does not come from a browser and passes: curl, other services;
//   - `If-Match`, `If-None-Match` and `If-Unmodified-Since` are answered 412: resources have no validators here, so
//     a condition can not be checked, and the request must not be executed (RFC 9110, 13.2);
//   - `Content-Range` with PUT is answered 400: partial PUT is not supported (RFC 9110, 14.5).
// On any method, for a body that is not empty:
//   - `Content-Type` must occur once and be application/json or application/...+json, with charset UTF-8 if any:
//     else 415. A browser sends other types, and bodies without a type, to a foreign server without a preflight
//     request;
//   - `Content-Encoding`, if present, must be identity: else 415 with Accept-Encoding (RFC 9110, 15.5.16).
//
// Behind a proxy that ends TLS or changes Host, list its public origin as allowed. An allowed origin may send
// requests here; it can not read the answers (there is no CORS). The Host field itself is checked by the server
// (host_rules.hpp). Pure.
#pragma once

#include <banyan/http/message.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

struct request_rules {
  std::vector<std::string> allowed_origins = {};  // in the form of `parse_origins`
};

// The response to a request that breaks a rule: 403 with reason "foreign_origin", 415 with reason
// "unsupported_media_type", 400 for a partial PUT, 412 with reason "precondition_not_offered".
std::optional<http_response> refuse(const http_request& request, const request_rules& rules);
// The same for a request whose body has not been read yet.
std::optional<http_response> refuse_head(const http_request& head, const request_rules& rules);

bool is_safe(std::string_view method);             // RFC 9110, 9.2.1
bool is_json_type(std::string_view content_type);  // "application/json; charset=utf-8", "application/merge-patch+json"

// "https://shop.example, http://127.0.0.1:3000" -> each in the form for comparison: lower case, without the scheme's
// default port. Errors: invalid_argument for what is no origin, including "null" and "*".
result<std::vector<std::string>> parse_origins(std::string_view list);

}  // namespace banyan
