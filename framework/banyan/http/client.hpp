// The HTTP/1.1 client: asynchronous calls over pooled keep-alive connections. Every call has a deadline, every error
// an outcome.
//
//   http_client client;
//   auto request = request_to("POST", "http://127.0.0.1:8080/orders", body);
//   client.send(std::move(*request), system_clock().steady() + 800ms, [](result<http_response> answer) { ... });
//
// It is a transport: no balancing, no redirects, no retries of failed calls (see `ambassador/`). Any status is an
// answer, also 500; `succeeded` (message.hpp) turns it into an error. The deadline covers everything: waiting for a
// connection, name lookup, connecting, the TLS handshake, writing, reading.
//
// A request with `https` goes over TLS: the server's certificate must be of a trusted authority, be valid now, and have
// the host's name or IP address; sessions are resumed. Options, and a client certificate: tls/options.hpp.
//
// A connection that is being opened outlives the call that it is opened for, up to `connect_timeout`: it serves a
// waiting call or is kept. So calls whose deadlines are shorter than the time to connect fail once, not for ever.
//
// Errors and outcomes:
//   unavailable, not_applied        no connection: reason "connection_refused", "host_not_found", "connect_failed" or
//                                   "connect_timeout"
//                                   or, with TLS, a reason of tls/session.hpp: "certificate_expired",
//                                   "certificate_wrong_host", "certificate_unknown_authority", "tls_version", ...
//   unavailable, unknown            lost after bytes had left: "connection_lost"; the answer is not HTTP:
//                                   "bad_response"
//   deadline_exceeded, not_applied  the deadline passed before anything was sent
//   deadline_exceeded, unknown      ... after
//   exhausted, not_applied          too many calls are waiting: "too_many_calls"
//   exhausted, unknown              the answer exceeds the limit: "response_too_large"
//   unavailable, not_applied or unknown   the caller gave the call up (http_client_call): "given_up"
//   invalid_argument, not_applied   the request is not valid HTTP; the files of `tls` are not usable
// A server that speaks TLS 1.3 refuses a client's certificate, or the lack of one, when the client has sent its request
// already, and before it reads that: "client_certificate_required" and "client_certificate_refused" are not_applied.
// The server may close a kept connection just when it is used again. Such a call, if no byte of an answer has
// arrived, is sent once more on a new connection, provided that its method is idempotent or nothing had been sent.
#pragma once

#include <banyan/core/completion.hpp>
#include <banyan/core/time.hpp>
#include <banyan/http/message.hpp>
#include <banyan/http/parser.hpp>
#include <banyan/tls/options.hpp>

#include <chrono>
#include <cstdint>
#include <memory>

namespace banyan {

struct http_client_options {
  http_limits limits = {.body_bytes = 16 * 1024 * 1024};  // of a response
  std::size_t max_connections_per_endpoint = 32;          // an endpoint is a scheme and an authority, "host:port"
  std::size_t max_waiting_per_endpoint = 1'024;           // calls waiting for a connection
  std::size_t max_endpoints = 256;                        // unused ones are evicted
  std::size_t max_calls = 10'000;                         // open calls, over all endpoints
  timespan idle_timeout = std::chrono::seconds{30};       // shorter than the server's, so that the client closes first
  // Name lookup, connect and TLS handshake; checked once a second.
  timespan connect_timeout = std::chrono::seconds{5};
  tls_client_options tls = {};  // for https; files that have changed are read for new connections
};

// Counters since the start, except those marked "now".
struct http_client_counters {
  std::uint64_t calls = 0;
  std::uint64_t calls_open = 0;  // now
  std::uint64_t answered = 0;    // with any status
  std::uint64_t failed = 0;      // with an error, including time-outs
  std::uint64_t timed_out = 0;
  std::uint64_t resent = 0;  // sent again because a kept connection was closed
  std::uint64_t connections_opened = 0;
  std::uint64_t connections_open = 0;    // now
  std::uint64_t handshakes = 0;          // of TLS, completed
  std::uint64_t handshakes_resumed = 0;  // ... of them those that resumed a session
  std::uint64_t handshakes_failed = 0;
};

// A call under way. Destroying it gives the call up: a call that waits leaves the queue, the connection of one that was
// sent is closed, and the completion gets `unavailable`, "given_up", unless the answer comes first. Thread-safe.
class http_client_call {
 public:
  virtual ~http_client_call() = default;
};

class http_client {
 public:
  // Whether the files of `tls` are usable. Errors: tls/options.hpp. Unusable ones fail each call over https.
  static result<void> check(const http_client_options& options);

  explicit http_client(http_client_options options = {});
  ~http_client();  // open calls end with unavailable; waits for a running name lookup. Not from a completion

  // Thread-safe. `request.authority` is the destination; `request.headers` are sent as they are, plus Host and
  // Content-Length. The completion is called on the client's I/O thread (or by send itself when there are too many
  // calls).
  void send(http_request request, monotonic deadline, completion<http_response> done);
  // The same, for a call that may be given up. Null: it was completed at once.
  std::unique_ptr<http_client_call> start(http_request request, monotonic deadline, completion<http_response> done);

  http_client_counters counters() const;

 private:
  struct impl;
  class open_call;
  std::shared_ptr<impl> impl_;  // also of the calls that may be given up
};

}  // namespace banyan
