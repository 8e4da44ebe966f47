// The rules that decide where an HTTP/1.x message ends and whom it is for (RFC 9112, 3.2, 6 and 7; RFC 9110, 7.2 and 10.1.1).
//
// Request smuggling lives on messages that two readers delimit differently, so nothing doubtful is repaired here: two lengths, a
// length beside a transfer coding, a coding other than a single "chunked", two Host fields are all refused. The parser asks these
// functions once per message, when the header is complete; they are pure, so their cases are one table in the test.
#pragma once

#include <banyan/http/message.hpp>

#include <optional>
#include <string>

namespace banyan {

// Why a message is refused, with the status to answer (for a response: what the peer did wrong, the status has no use).
struct protocol_fault {
  int status = 400;
  std::string detail;  // one sentence
};

enum class http_version { v1_0, v1_1 };

// Reads `request.target` and sets `request.authority` on the way.
std::optional<protocol_fault> judge_request(http_request& request, http_version version);
std::optional<protocol_fault> judge_response(const http_response& response);

// Whether the client waits for "100 Continue" before it sends the body.
bool wants_continue(const header_list& headers, http_version version);

}  // namespace banyan
