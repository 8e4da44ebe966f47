// Who may change something, or read events, through the operations port: whoever sends the operator's token (setting
// `operator_token`) as `Authorization: Bearer TOKEN` (RFC 6750). A node without one does neither, which is the default.
// The token goes over the wire as it is: the operations port belongs on loopback, or behind TLS.
//
//   if (auto refused = refuse_operator(request, settings.operator_token)) return answer(std::move(*refused));
#pragma once

#include <banyan/http/message.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace banyan {

// Nothing when the request may go on. 403 when no token is configured; 401 when the request has none, several, or another one. Takes as long
// for a token that is wrong at its first character as for one that is wrong at its last.
std::optional<http_response> refuse_operator(const http_request& request, const std::string& configured_token);

// Empty, which means that there is none; or 16 to 256 characters of those that a bearer token has (RFC 6750, 2.1).
bool is_operator_token(std::string_view text);

}  // namespace banyan
