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
// bytes gains nothing; each size has its limit; requests under way and connections have theirs; and what the bodies and answers of all
// connections take together has one. Requests that arrive pipelined are handled one after the other, so answers are in order, and other
// connections have their turn between two of them. Malformed requests are answered 400 (or 408, 413, 414, 417, 431, 501, 505) and the
// connection is closed; see `framing.hpp` for the strict rules against request smuggling. A Host that is not ours is answered 421, see
// `host_rules.hpp`, and so is a target that asks for https. `OPTIONS *` is answered by the server itself.
#pragma once

#include <banyan/core/completion.hpp>
#include <banyan/core/time.hpp>
#include <banyan/http/message.hpp>
#include <banyan/http/parser.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

// What a client is taken for that has closed its sending side while its request is being handled. That may be the end of the connection, or
// only of its requests (RFC 9112, 9.6: the answer must then still be sent); the bytes on the wire are the same.
enum class half_close : std::uint8_t {
  ask,      // HTTP/1.1: an interim answer, 100 Continue, is sent; whoever has gone answers that with a reset. HTTP/1.0: as `waiting`
  waiting,  // it waits for its answer; only a reset cancels the request
  gone,     // it has gone, as nginx and Go's net/http see it
};

struct http_server_options {
  std::string address = "127.0.0.1";       // an IP address or "localhost"
  std::uint16_t port = 0;                  // 0: any free one
  bool allow_plaintext_elsewhere = false;  // needed to listen on an address that others can reach
  unsigned io_threads = 1;                 // 1 to 64; one carries some tens of thousands of requests per second
  // Hosts that requests may name beside `address` and the loopback names; ".example" is all below it, "*" any.
  std::vector<std::string> allowed_hosts = {};
  std::string methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";  // what `OPTIONS *` is told

  http_limits limits = {};
  // Beyond: another connection is closed for the new one. First one that never asked anything, then, if it has been waited for for
  // drain_quiet, one between two requests, then one whose request does not end or whose answer is not read; of each kind the oldest. With
  // none to spare: 503 and close. Not set: what the process's limit of open files (when the server starts) leaves beside a reserve, at most
  // 4'096.
  std::optional<std::size_t> max_connections = {};
  // Held back from the rest of the process: with none of its own left a process still takes this many connections less one; then each is
  // answered 503.
  std::size_t reserved_descriptors = 1;
  std::size_t max_in_flight = 1'024;  // requests in handlers, also those answered 504 meanwhile; beyond: 503 with Retry-After
  // Requests that count for nothing there, as the handler answers them at once (a file, a refusal). It is called on an I/O thread.
  std::function<bool(const http_request&)> without_slot = {};
  // The answer to a request whose client waits for 100 Continue before it sends the body, if the head alone decides it (no such path, a type
  // that is not taken): it is told instead of 100, and the connection is closed. Called on an I/O thread.
  std::function<std::optional<http_response>(const http_request& head)> by_head = {};
  std::size_t max_requests_per_connection = 10'000;  // then Connection: close
  // Bytes of request bodies (at most half of it) and answers that are in memory, over all connections. A request whose body has no room is
  // answered 503 with Retry-After before the body is read, as far as its length is known by then; an answer without room is replaced by 503.
  // What has at most 16 KiB always has room.
  std::size_t max_buffered_bytes = 256 * 1024 * 1024;

  // Any may be as long as `timespan` can say, which means never.
  timespan header_timeout = std::chrono::seconds{10};   // from the first byte of a request to the end of its header: 408
  timespan body_timeout = std::chrono::seconds{30};     // from there to the end of the body: 408
  timespan handler_timeout = std::chrono::seconds{30};  // 504
  timespan write_timeout = std::chrono::seconds{30};    // for a whole response: the connection is cut
  timespan stall_timeout = std::chrono::seconds{2};     // without a byte taken, while over half of max_buffered_bytes is in use: cut
  timespan idle_timeout = std::chrono::seconds{60};     // between requests, and before the first: closed without a word
  timespan linger_timeout = std::chrono::seconds{2};    // for the client to read the last answer before the connection is closed
  timespan drain_quiet = std::chrono::seconds{1};       // in a drain: for the next request on an idle connection, see `drain`

  half_close half_closed = half_close::ask;

  // Told what keeps the server from serving, with how often since it was told last: at once, then at most every five seconds for each kind.
  // Called on an I/O thread.
  std::function<void(std::string_view what, std::uint64_t times)> report = {};

  const banyan::clock* clock = nullptr;  // by which time-outs are measured, checked some times per real second; null: the system's
};

// Counts since the start, but for those marked "now". Take two snapshots to get a rate.
struct http_server_counters {
  std::uint64_t connections = 0;                     // accepted
  std::uint64_t connections_refused = 0;             // over max_connections
  std::uint64_t connections_spared = 0;              // closed for new ones, see max_connections
  std::uint64_t connections_without_descriptor = 0;  // answered 503, as the process had no file descriptor left
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
  std::uint64_t handler_failures = 0;  // exceptions and answers that can not be said in HTTP
  std::uint64_t late_answers = 0;      // came after their 504, or after the connection was gone
  std::uint64_t bodies_refused = 0;    // over max_buffered_bytes
  std::uint64_t answers_refused = 0;   // likewise
  std::uint64_t server_failures = 0;   // connections closed as the server itself threw, for want of memory
  std::uint64_t responses_2xx = 0;
  std::uint64_t responses_3xx = 0;
  std::uint64_t responses_4xx = 0;
  std::uint64_t responses_5xx = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t bytes_buffered = 0;  // now: of max_buffered_bytes
  std::uint64_t max_connections = 0;  // in force
  bool draining = false;             // now
};

using http_handler = std::function<void(http_request, completion<http_response>)>;

class http_server {
 public:
  // What `start` would say of the options, without a socket: invalid_argument, and `field` names the option. An address that needs
  // allow_plaintext_elsewhere has the reason "plaintext".
  static result<void> check(const http_server_options& options);

  // Errors: those of `check`, conflict with reason "port_taken", forbidden (the system refuses the port), unavailable (the system is out of
  // sockets).
  static result<std::unique_ptr<http_server>> start(http_server_options options, http_handler handler);

  // Cuts what is under way; call `drain` first to let it finish. Not from an I/O thread of this server (so not from a handler).
  ~http_server();

  std::uint16_t port() const;
  http_server_counters counters() const;

  // Stops without losing a request that was sent. New connections are no longer let in, those whose handshake is done are accepted, then
  // the port is closed. Every connection has its next request answered, with Connection: close unless more is there already; one on which
  // nothing comes for `drain_quiet` is closed: first the sending side, then, when the client has closed too or linger_timeout is over, the
  // rest. Done when the last connection is closed; at `deadline` the rest is cut and the answer is deadline_exceeded. Both waits are cut to
  // a quarter of the time that there is. A second call is a conflict.
  //
  // What HTTP/1.1 leaves open: a client whose request crosses the close of a connection idle for so long gets no answer, and knows that.
  void drain(monotonic deadline, completion<void> done);

 private:
  struct impl;
  explicit http_server(std::unique_ptr<impl> i);
  std::unique_ptr<impl> impl_;
};

}  // namespace banyan
