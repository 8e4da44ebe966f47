// Writes the header of an HTTP/1.1 message; the counterpart of `parser.hpp`. Pure.
//
// Framing is the server's: a handler's Content-Length, Transfer-Encoding, Connection and Date fields are dropped,
// all others copied in order. Names and values are checked: a line break in a value must not become a second field.
#pragma once

#include <banyan/core/time.hpp>
#include <banyan/http/message.hpp>

#include <string>
#include <string_view>

namespace banyan {

struct response_framing {
  bool keep_alive = true;
  bool to_v1_0 = false;   // an HTTP/1.0 client: keep-alive must be stated (RFC 9112, 9.3)
  bool to_head = false;   // answers HEAD: with length, without body
  bool until_close = false;  // without length: the body ends with the connection (RFC 9112, 6.3)
  std::string_view date;  // IMF-fixdate
};

// "HTTP/1.1 200 OK" up to the empty line. Errors: internal, when the response is not valid HTTP (a defect of the
// handler).
result<std::string> response_head(const http_response& response, const response_framing& framing);

// "GET /x HTTP/1.1" up to the empty line. Errors: invalid_argument.
result<std::string> request_head(const http_request& request);

// Whether a response with this status has a body (RFC 9110, 6.4.1).
bool may_have_body(int status);

std::string_view reason_phrase(int status);  // "Not Found"; "" when unknown
std::string to_http_date(instant t);         // "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7)

}  // namespace banyan
