// The HTTP/1.1 client: asynchronous calls over pooled keep-alive connections, each with a deadline, each telling what it may have done.
//
//   http_client client;
//   auto request = request_to("POST", "http://127.0.0.1:8080/orders", body);
//   client.send(std::move(*request), system_clock().steady() + 800ms, [](result<http_response> answer) { ... });
//
// This is a transport: it neither balances, nor follows redirects, nor retries a failed call. (`ambassador/` does what is right of those.)
// Any status is an answer, also 500; `succeeded` (message.hpp) turns it into an error. The deadline covers everything: waiting for a
// connection, looking the name up, connecting, writing, reading. There is no TLS.
//
// A connection that is being opened outlives the call that it is opened for, up to `connect_timeout`: it serves a call that waits then, or
// is kept. So calls whose deadlines are shorter than the time to connect fail for as long as that takes once, and not for ever.
//
// The error says whether the other side may have acted, which is what a caller must know before it tries again:
//   unavailable, not_applied        no connection: reason "connection_refused", "host_not_found", "connect_failed" or "connect_timeout"
//   unavailable, unknown            lost after bytes had left: "connection_lost"; the answer is not HTTP: "bad_response"
//   deadline_exceeded, not_applied  the time ran out before anything was sent
//   deadline_exceeded, unknown      ... after
//   exhausted, not_applied          too many calls wait here: "too_many_calls"
//   exhausted, unknown              the answer is larger than the limit: "response_too_large"
//   invalid_argument, not_applied   the request can not be written
// A kept connection may be closed by the server just as it is used again. A call that meets this before any byte of an answer is sent once
// more on a fresh connection if its method is idempotent or nothing of it had left.
#pragma once

#include <banyan/core/completion.hpp>
#include <banyan/core/time.hpp>
#include <banyan/http/message.hpp>
#include <banyan/http/parser.hpp>

#include <chrono>
#include <cstdint>
#include <memory>

namespace banyan {

struct http_client_options {
  http_limits limits = {.body_bytes = 16 * 1024 * 1024};  // of an answer
  std::size_t max_connections_per_endpoint = 32;          // an endpoint is one authority, "host:port"
  std::size_t max_waiting_per_endpoint = 1'024;           // calls that wait for one of them
  std::size_t max_endpoints = 256;                        // unused ones make room
  std::size_t max_calls = 10'000;                         // under way in all
  timespan idle_timeout = std::chrono::seconds{30};       // keep it below the server's, so that the client closes first
  timespan connect_timeout = std::chrono::seconds{5};     // of a connection, the lookup of the name included; looked at once a second
};

// Counts since the start, but for the two marked "now".
struct http_client_counters {
  std::uint64_t calls = 0;
  std::uint64_t calls_open = 0;  // now
  std::uint64_t answered = 0;    // with any status
  std::uint64_t failed = 0;      // with an error, time-outs among them
  std::uint64_t timed_out = 0;
  std::uint64_t resent = 0;  // once more, after a kept connection had gone stale
  std::uint64_t connections_opened = 0;
  std::uint64_t connections_open = 0;  // now
};

class http_client {
 public:
  explicit http_client(http_client_options options = {});
  ~http_client();  // calls under way end with unavailable; waits for a name lookup that has begun. Not from a completion

  // Any thread. `request.authority` says where to; `request.headers` are sent as they are, with Host and Content-Length added.
  // The completion is called on the client's I/O thread (or here, when there are too many calls).
  void send(http_request request, monotonic deadline, completion<http_response> done);

  http_client_counters counters() const;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace banyan
