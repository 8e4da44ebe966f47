// Whether a request on the operations port that changes something comes from an operator: it has the token of the
// setting `operator_token`.
//
//   if (auto refusal = refuse_operator(request, settings.operator_token)) return answer(std::move(*refusal));
//
// The token comes as `Authorization: Bearer <token>` (RFC 6750). Reading needs none.
#pragma once

#include <banyan/http/message.hpp>

#include <optional>
#include <string>

namespace banyan {

// The answer to a request that is refused: 403 when no token is configured, 401 when there is none in the request or
// another one. Compared in a time that does not depend on where the first difference is.
std::optional<http_response> refuse_operator(const http_request& request, const std::string& configured_token);

}  // namespace banyan
