// Writes the header of an HTTP/1.1 message. The counterpart of `parser.hpp`; pure.
//
// What frames the message is ours to say, so fields of a handler named Content-Length, Transfer-Encoding, Connection or Date are
// not copied; everything else is, in order. Every name and value is checked first: a line break in a value must not become a second field.
#pragma once

#include <banyan/core/time.hpp>
#include <banyan/http/message.hpp>

#include <string>
#include <string_view>

namespace banyan {

struct response_framing {
  bool keep_alive = true;
  bool to_v1_0 = false;   // the client speaks HTTP/1.0: a connection that stays open must say so (RFC 9112, 9.3)
  bool to_head = false;   // answers HEAD: the length is told, the body is not sent
  std::string_view date;  // IMF-fixdate
};

// "HTTP/1.1 200 OK" up to the empty line. Errors: internal, when the response can not be said in HTTP (that is a defect of the handler).
result<std::string> response_head(const http_response& response, const response_framing& framing);

// "GET /x HTTP/1.1" up to the empty line. Errors: invalid_argument.
result<std::string> request_head(const http_request& request);

// Whether a response with this status has a body at all (RFC 9110, 6.4.1).
bool may_have_body(int status);

std::string_view reason_phrase(int status);  // "Not Found"; "" when unknown
std::string to_http_date(instant t);         // "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7)

}  // namespace banyan
