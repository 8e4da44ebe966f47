// Authorisation of operators on the operations port: a request that changes something, or reads events, must have the
// operator's token (setting `operator_token`) as `Authorization: Bearer TOKEN` (RFC 6750). Without a configured token,
// the default, the port does neither. Over plain HTTP the token is sent unencrypted: a port beyond loopback needs TLS
// (settings admin_tls_...), or `plaintext = true`.
//
//   if (auto refused = refuse_operator(request, settings.operator_token)) return answer(std::move(*refused));
#pragma once

#include <banyan/http/message.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace banyan {

// None when the request is authorised. 403 when no token is configured; 401 when the request has none, several, or a
// wrong one. Compares in constant time, whichever character is wrong.
std::optional<http_response> refuse_operator(const http_request& request, const std::string& configured_token);

// Whether it is a valid setting: empty (no token), or 16 to 256 characters of a bearer token (RFC 6750, 2.1).
bool is_operator_token(std::string_view text);

}  // namespace banyan
