// The HTTP/1.1 server: parses untrusted bytes into `http_request` values and writes responses.
//
//   auto server = http_server::start({.port = 8080}, [](http_request r, completion<http_response> done) {
//     done(http_response::text("you asked for " + r.target));    // now, or later from any thread
//   });
//   if (!server) return server.error();                          // the port is taken, the address is not local, ...
//   std::uint16_t port = (*server)->port();                      // the chosen port when .port was 0
//
// For APIs, small pages, health and metrics. Not for uploads or downloads larger than memory, WebSockets or HTTP/2;
// server-sent events are in event_stream.hpp.
// Several servers may run in one process, each with its own I/O threads. It listens on loopback by default, and on
// other addresses with TLS (`tls`, see tls/options.hpp) or by a word that allows plain HTTP there.
//
// The handler is called on an I/O thread and must not block it. It answers through the completion, exactly once. A
// completion dropped unanswered gives 503, an exception of the handler 500, no answer within `handler_timeout` 504
// (a later answer is dropped). Errors become RFC 9457 problem JSON.
//
// All resources are bounded: each phase of a connection by an absolute time-out, so that a slow client gains nothing
// by sending single bytes; each size, the concurrent requests, the connections, and the total memory of bodies and
// responses by a limit. Pipelined requests are handled one after the other, so responses are in order, and other
// connections are served in between. Malformed requests are answered 400 (or 408, 413, 414, 417, 431, 501, 505) and
// the connection is closed; `framing.hpp` has the strict rules against request smuggling. A foreign Host is answered
// 421 (`host_rules.hpp`), and so is a target of the other scheme. The server answers `OPTIONS *` itself.
//
// With TLS, a plain HTTP request is answered 400, in plain HTTP, and the connection closed. Connections beyond
// max_connections are closed without an answer. The certificate's files are looked at every second, and read when they
// have changed; open connections keep what they began with.
#pragma once

#include <banyan/core/completion.hpp>
#include <banyan/core/time.hpp>
#include <banyan/http/message.hpp>
#include <banyan/http/parser.hpp>
#include <banyan/tls/options.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

// What a closed sending side of the client means while its request is being handled. It may be the end of the
// connection or only of the requests (RFC 9112, 9.6: the response must then still be sent); on the wire both look
// the same.
enum class half_close : std::uint8_t {
  ask,  // HTTP/1.1: probes with an interim 100 Continue, which a gone client's system resets. HTTP/1.0: as `waiting`
  waiting,  // the client waits for the response; only a reset cancels the request
  gone,     // the client is gone, as in nginx and Go's net/http
};

struct http_server_options {
  std::string address = "127.0.0.1";       // an IP address or "localhost"
  std::uint16_t port = 0;                  // 0: any free one
  std::optional<tls_server_options> tls = {};
  bool allow_plaintext_elsewhere = false;  // required for listening on other than loopback addresses without TLS
  unsigned io_threads = 1;                 // 1 to 64; one carries some tens of thousands of requests per second
  // For how long an I/O thread that has had work polls for more before it waits in the kernel; at most 1 ms. Shortens
  // the response time of few connections, for processor time that no other thread asks for.
  timespan busy_poll = std::chrono::nanoseconds{0};
  // Allowed hosts beside `address` and the loopback names; ".example" allows all subdomains, "*" any host.
  std::vector<std::string> allowed_hosts = {};
  std::string methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";  // the Allow field for `OPTIONS *`

  http_limits limits = {};
  // Beyond it, another connection is closed for a new one: first one that never sent a byte, then one that was idle
  // between two requests for at least drain_quiet, then one whose request does not end or whose response is not
  // read; of each kind the oldest. If there is none: 503 and close. Default: the process's limit of open files at
  // the start less a reserve, at most 4'096.
  std::optional<std::size_t> max_connections = {};
  // Descriptors held in reserve: when the process has no other left, this many connections less one are still
  // accepted; further ones are answered 503.
  std::size_t reserved_descriptors = 1;
  // Requests in handlers, including those answered 504; beyond: 503 with Retry-After.
  std::size_t max_in_flight = 1'024;
  // Requests that are handled beyond max_in_flight, because the handler answers them at once (a file, a refusal).
  // Asked on an I/O thread, and only when all slots are taken.
  std::function<bool(const http_request&)> without_slot = {};
  // Answers a request that waits for 100 Continue by its head alone (unknown path, unsupported type): this response
  // is sent instead of 100, and the connection is closed. Called on an I/O thread.
  std::function<std::optional<http_response>(const http_request& head)> by_head = {};
  std::size_t max_requests_per_connection = 10'000;  // then Connection: close
  std::size_t max_event_streams = 16;  // open at a time (event_stream.hpp); beyond: 503 with Retry-After
  // Memory of request bodies (at most half of it) and responses, in bytes, over all connections. A request without
  // room for its body is answered 503 with Retry-After, before the body is read if its length is known; a response
  // without room is replaced by 503. Up to 16 KiB there is always room.
  std::size_t max_buffered_bytes = 256 * 1024 * 1024;

  // Each may be timespan::max(), which means never.

  timespan handshake_timeout = std::chrono::seconds{10};  // of TLS, from the connection's begin: cut
  // From the first byte of a request to the end of its header: 408.
  timespan header_timeout = std::chrono::seconds{10};
  timespan body_timeout = std::chrono::seconds{30};     // from there to the end of the body: 408
  timespan handler_timeout = std::chrono::seconds{30};  // for the handler's answer: 504
  timespan write_timeout = std::chrono::seconds{30};    // for a whole response: the connection is cut
  // Without progress while over half of max_buffered_bytes is used: cut.
  timespan stall_timeout = std::chrono::seconds{2};
  // Between requests, and before the first: closed without a response.
  timespan idle_timeout = std::chrono::seconds{60};
  timespan linger_timeout = std::chrono::seconds{2};    // for the client to read the last response before the close
  timespan event_heartbeat = std::chrono::seconds{15};  // a comment, on a stream without events for so long
  // In a drain: wait for the next request on an idle connection, see `drain`.
  timespan drain_quiet = std::chrono::seconds{1};

  half_close half_closed = half_close::ask;

  // Reports what keeps the server from serving, and how often since the last report: at once, then at most every 5 s
  // per kind. Called on an I/O thread.
  std::function<void(std::string_view what, std::uint64_t times)> report = {};

  // For time-outs, which are checked several times per real second; null: the system's.
  const banyan::clock* clock = nullptr;
};

// Counters since the start, except those marked "now".
struct http_server_counters {
  std::uint64_t connections = 0;                     // accepted
  std::uint64_t connections_refused = 0;             // over max_connections
  std::uint64_t connections_spared = 0;              // closed in favour of new ones, see max_connections
  std::uint64_t connections_without_descriptor = 0;  // answered 503 for want of a file descriptor
  std::uint64_t connections_open = 0;                // now
  std::uint64_t requests = 0;                        // complete and well-formed
  std::uint64_t requests_refused = 0;                // over max_in_flight
  std::uint64_t requests_in_flight = 0;              // now
  std::uint64_t misdirected = 0;                     // 421
  std::uint64_t cancelled = 0;                       // the client went away before the answer
  std::uint64_t malformed = 0;                       // answered 4xx or 5xx by the protocol rules
  std::uint64_t read_timeouts = 0;                   // 408
  std::uint64_t handler_timeouts = 0;                // 504
  std::uint64_t write_timeouts = 0;                  // also for stall_timeout
  std::uint64_t idle_closed = 0;
  std::uint64_t handler_failures = 0;  // exceptions, and responses that are not valid HTTP
  std::uint64_t late_answers = 0;      // after their 504, or after the connection was closed
  std::uint64_t bodies_refused = 0;    // over max_buffered_bytes
  std::uint64_t answers_refused = 0;   // likewise
  std::uint64_t event_streams = 0;          // now
  std::uint64_t event_streams_refused = 0;  // over max_event_streams
  std::uint64_t server_failures = 0;   // connections closed by an exception of the server, out of memory
  std::uint64_t handshakes = 0;          // of TLS, completed
  std::uint64_t handshakes_resumed = 0;  // ... of them those that resumed a session
  std::uint64_t handshakes_failed = 0;   // refused by either side, or broken off
  std::uint64_t handshake_timeouts = 0;
  std::uint64_t plain_on_tls = 0;        // plain HTTP requests to a server with TLS
  std::uint64_t tls_reloads = 0;         // certificates read again and used
  std::uint64_t tls_reloads_failed = 0;  // ... not usable: the earlier ones stay
  std::uint64_t responses_2xx = 0;
  std::uint64_t responses_3xx = 0;
  std::uint64_t responses_4xx = 0;
  std::uint64_t responses_5xx = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t bytes_buffered = 0;  // now: used of max_buffered_bytes
  std::uint64_t max_connections = 0;  // the limit in force
  bool draining = false;             // now
};

using http_handler = std::function<void(http_request, completion<http_response>)>;

class http_server {
 public:
  // The errors that `start` would give for these options, without a socket: invalid_argument, `field` names the
  // option; reason "plaintext" for an address that needs allow_plaintext_elsewhere; those of the files of `tls`
  // (tls/options.hpp).
  static result<void> check(const http_server_options& options);

  // Errors: those of `check`; conflict with reason "port_taken"; forbidden (the system refuses the port);
  // unavailable (the system is out of sockets).
  static result<std::unique_ptr<http_server>> start(http_server_options options, http_handler handler);

  // Aborts open requests; call `drain` first to finish them. Not from an I/O thread of this server, so not from a
  // handler.
  ~http_server();

  std::uint16_t port() const;
  http_server_counters counters() const;

  // Reads the files of `tls` now. After an error (tls/options.hpp) the earlier ones stay in use.
  result<void> reload_tls();

  // A graceful stop that loses no request already sent. New connections are dropped by the kernel, completed ones
  // accepted, then the port is closed. Every connection has its next request answered, with Connection: close unless
  // more has arrived; streams of events end; a connection without a request for `drain_quiet` is closed: first the
  // sending side, then, after the client's close or linger_timeout, the rest. Completes when the last connection is
  // closed; at `deadline` the rest is aborted and the result is deadline_exceeded. Both waits are cut to a quarter of
  // the available time. A second call is a conflict.
  //
  // Limit of HTTP/1.1: a client whose request crosses the close of an idle connection gets no answer, and knows that
  // it was not handled.
  void drain(monotonic deadline, completion<void> done);

 private:
  struct impl;
  explicit http_server(std::unique_ptr<impl> i);
  std::unique_ptr<impl> impl_;
};

}  // namespace banyan
