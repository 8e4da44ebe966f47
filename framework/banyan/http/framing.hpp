// The rules that delimit an HTTP/1.x message and find its target host (RFC 9112, 3.2, 6 and 7; RFC 9110, 7.2 and
// 10.1.1).
//
// Request smuggling exploits messages whose end two readers see at different bytes. So ambiguous messages are refused,
// never repaired: those with two lengths, with a length and a transfer coding, with a coding other than a single
// "chunked", or with two Host fields. The parser calls these functions once per message, after reading its header.
// Pure.
#pragma once

#include <banyan/http/message.hpp>

#include <optional>
#include <string>

namespace banyan {

// Why a message is refused, and the status to answer (unused for a response).
struct protocol_fault {
  int status = 400;
  std::string detail;  // one sentence
};

enum class http_version { v1_0, v1_1 };

// Reads `request.target` into path and query, and sets `request.authority`; `request.https` tells the scheme that is
// served. None: the message is valid. `valid_host`: the Host of an earlier valid request of the connection; the same
// value is not parsed again.
std::optional<protocol_fault> judge_request(http_request& request, http_version version,
                                            std::string_view valid_host = {});
std::optional<protocol_fault> judge_response(const http_response& response);

// Whether the client waits for "100 Continue" before it sends the body.
bool wants_continue(const header_list& headers, http_version version);

}  // namespace banyan
