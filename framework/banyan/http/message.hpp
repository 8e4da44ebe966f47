// HTTP requests and responses as plain values, for handlers and for the client.
//
// The edge (`server.hpp`) and the client (`client.hpp`) share these types, so a handler can be tested without a
// socket, and a request can be forwarded as it came. Bodies are whole strings, bounded by the reader's limits.
//
//   http_response hello(const http_request& r) {
//     if (r.path.size() != 2) return http_response::problem(error{code::not_found, "no such page"});
//     return http_response::json({{"hello", r.path[1]}});
//   }
//
//   auto request = request_to("GET", "http://127.0.0.1:8080/hello/ann?loud=1");   // a result: the URL may be invalid
//
// No streaming: not for bodies that do not fit in memory or never end, except for a stream of events
// (event_stream.hpp), which a server's handler may answer with.
#pragma once

#include <banyan/core/cancellation.hpp>
#include <banyan/core/result.hpp>
#include <banyan/core/time.hpp>
#include <banyan/http/headers.hpp>
#include <banyan/tls/options.hpp>

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace banyan {

class event_reader;

struct http_request {
  std::string method = "GET";  // case-sensitive
  std::string target = "/";    // as on the wire: path and query, percent-encoded; "*" for OPTIONS only
  std::string authority;       // "host:port". Client: where to connect. Server: from the Host field, not trustworthy
  header_list headers;
  std::string body;
  std::string peer;  // server only: "127.0.0.1:50123"
  cancellation_ptr cancelled = {};  // server only: set when the client is gone, see http_server_options::half_closed

  // Set by `read_target`. Segments are percent-decoded and safe to use as names: valid UTF-8, never "." or "..",
  // without control characters, slash and backslash (other requests are refused, not repaired). "/" has no segment,
  // "/orders/" has two: "orders" and "".
  std::vector<std::string> path;
  // In order, decoded, "+" is a space; a name without "=" has value ""
  std::vector<std::pair<std::string, std::string>> query;

  bool https = false;  // over TLS. Client: connect so
  // Server only: the client's verified certificate, or null, see tls_server_options::clients
  tls_peer_ptr client = {};

  const std::string* query_value(std::string_view name) const;  // the first match, or null
};

// A non-empty body is JSON.
http_request json_request(std::string method, std::string target, std::string body);

// Sets `path`, `query` (and `authority`, for a target in absolute form) from `target`. Errors: invalid_argument.
result<void> read_target(http_request& request);

// A request to an absolute http or https URL. Errors: invalid_argument for other schemes, user information and
// fragments.
result<http_request> request_to(std::string method, std::string_view url, std::string body = {});

// Server only: how a response is sent. All but `whole` are for a server that plays a failing system, against which
// clients are tested.
enum class http_delivery : std::uint8_t {
  whole,
  slowly,  // the header, then the body in pieces, over about `spread_over`
  close,   // nothing is sent, and the connection is closed, as by nginx's status 444
  reset,   // likewise, by a TCP reset
};

struct http_response {
  int status = 200;
  header_list headers;
  std::string body;
  http_delivery delivery = http_delivery::whole;
  timespan spread_over = {};  // shorter than the server's write_timeout
  // Server only: the body is a stream of events, sent until it ends or the client is gone; `body` is not sent.
  std::shared_ptr<event_reader> stream = {};

  static http_response json(const boost::json::value& content, int status = 200);
  static http_response json_text(std::string content, int status = 200);  // `content` is JSON text
  static http_response text(std::string content, int status = 200);       // text/plain, UTF-8

  static http_response events(std::shared_ptr<event_reader> from);        // text/event-stream, not to be stored

  // RFC 9457 problem JSON with the status of the error's code, and Retry-After from the error's retry_after.
  static http_response problem(const error& e);
  // The same with a status that belongs to HTTP itself, such as 405 or 414.
  static http_response problem(const error& e, int status);
};

// Turns a response into a result: a 2xx passes, any other status becomes the error of its problem JSON, or else of
// its status.
result<http_response> succeeded(http_response response);

// Methods that may be repeated without further effect (RFC 9110, 9.2.2).
bool is_idempotent(std::string_view method);

}  // namespace banyan
