// The HTTP/1.1 edge: a server that turns bytes from anybody into `http_request` values and answers into bytes.
//
//   auto server = http_server::start({.port = 8080}, [](http_request r, completion<http_response> done) {
//     done(http_response::text("you asked for " + r.target));    // now, or later from any thread
//   });
//   if (!server) return server.error();                          // the port is taken, the address is not ours, ...
//   std::uint16_t port = (*server)->port();                      // when .port was 0, the one that the system chose
//
// Use it for APIs, small pages, health and metrics. Do not use it for uploads or downloads larger than memory, WebSockets or HTTP/2.
// Several servers may run in one process; each owns its I/O threads. There is no TLS: it listens on loopback unless told otherwise.
//
// The handler is called on an I/O thread and must not block it. It answers through the completion, exactly once; a completion
// dropped unanswered answers 503 by itself, an exception out of the handler answers 500, silence answers 504 after
// `handler_timeout` (the late answer is then dropped). Errors become RFC 9457 problem JSON.
//
// What may go wrong at a socket is bounded: each phase of a connection has its time-out, absolute, so that a client that trickles
// bytes gains nothing; each size has its limit; requests under way and connections have theirs. Requests that arrive pipelined are handled
// one after the other, so answers are in order. Malformed requests are answered 400 (or 408, 413, 414, 417, 431, 501, 505) and the
// connection is closed; see `framing.hpp` for the strict rules against request smuggling.
#pragma once

#include <banyan/core/completion.hpp>
#include <banyan/core/time.hpp>
#include <banyan/http/message.hpp>
#include <banyan/http/parser.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace banyan {

struct http_server_options {
  std::string address = "127.0.0.1";       // an IP address or "localhost"
  std::uint16_t port = 0;                  // 0: any free one
  bool allow_plaintext_elsewhere = false;  // needed to listen on an address that others can reach
  unsigned io_threads = 1;                 // 1 to 64; one carries some tens of thousands of requests per second

  http_limits limits = {};
  std::size_t max_connections = 4'096;  // beyond: 503 and close
  std::size_t max_in_flight = 1'024;    // requests in handlers, also those answered 504 meanwhile; beyond: 503 with Retry-After
  std::size_t max_requests_per_connection = 10'000;  // then Connection: close

  timespan header_timeout = std::chrono::seconds{10};   // from the first byte of a request to the end of its header: 408
  timespan body_timeout = std::chrono::seconds{30};     // from there to the end of the body: 408
  timespan handler_timeout = std::chrono::seconds{30};  // 504
  timespan write_timeout = std::chrono::seconds{30};    // for a whole response: the connection is cut
  timespan idle_timeout = std::chrono::seconds{60};     // between requests, and before the first: closed without a word
  timespan linger_timeout = std::chrono::seconds{2};    // for the client to read the last answer before the connection is closed
};

// Counts since the start, but for the three marked "now". Take two snapshots to get a rate.
struct http_server_counters {
  std::uint64_t connections = 0;          // accepted
  std::uint64_t connections_refused = 0;  // over max_connections
  std::uint64_t connections_open = 0;     // now
  std::uint64_t requests = 0;             // complete and well-formed
  std::uint64_t requests_refused = 0;     // over max_in_flight
  std::uint64_t requests_in_flight = 0;   // now
  std::uint64_t malformed = 0;            // answered 4xx or 5xx by the protocol rules
  std::uint64_t read_timeouts = 0;        // 408
  std::uint64_t handler_timeouts = 0;     // 504
  std::uint64_t write_timeouts = 0;
  std::uint64_t idle_closed = 0;
  std::uint64_t handler_failures = 0;  // exceptions and answers that can not be said in HTTP
  std::uint64_t late_answers = 0;      // came after their 504, or after the connection was gone
  std::uint64_t responses_2xx = 0;
  std::uint64_t responses_3xx = 0;
  std::uint64_t responses_4xx = 0;
  std::uint64_t responses_5xx = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  bool draining = false;  // now
};

using http_handler = std::function<void(http_request, completion<http_response>)>;

class http_server {
 public:
  // Errors: invalid_argument (`field` names the option), conflict with reason "port_taken", forbidden (the system refuses the port),
  // unavailable (the system is out of sockets).
  static result<std::unique_ptr<http_server>> start(http_server_options options, http_handler handler);

  // Cuts what is under way; call `drain` first to let it finish. Not from an I/O thread of this server (so not from a handler).
  ~http_server();

  std::uint16_t port() const;
  http_server_counters counters() const;

  // Stops accepting, closes idle connections, lets requests under way finish and answers them with Connection: close. Done when the last
  // connection is closed; at `deadline` the rest is cut and the answer is deadline_exceeded. A second call is a conflict.
  void drain(monotonic deadline, completion<void> done);

 private:
  struct impl;
  explicit http_server(std::unique_ptr<impl> i);
  std::unique_ptr<impl> impl_;
};

}  // namespace banyan
