// The server side of the framed transport: accepts connections of other nodes, and passes their calls to a handler.
// See framed_transport.hpp.
//
//   auto answered = [&](const encoded_call& call, timespan left, completion<encoded_answer> answer) {
//     return serve_call(system, node.directory(), call, left, std::move(answer));
//   };
//   auto listener = call_listener::start({.identity = {"shop", "stock-1", tls}, .address = "10.0.0.7", .port = 7000},
//                                        answered, metrics);
//   ...
//   (*listener)->drain(5s);      // before the actors end: refuses new calls, answers the accepted ones
//
// A connection is accepted if its certificate is of the application's authority and names a node of the application;
// otherwise the status is 403. Not an upgrade, or to an unknown version: 426. Too many connections, or draining: 503
// (with TLS, excess connections are closed without an answer). A peer that violates the protocol or is silent loses
// its connection, and its calls are cancelled.
//
// Memory per connection is limited to max_calls requests and answers of max_message each; in practice it is what the
// peer, which has a certificate, sends. Use it on an internal network all the same: TLS handshakes cost CPU time.
#pragma once

#include <banyan/core/completion.hpp>
#include <banyan/engines/framed_transport/framed_options.hpp>
#include <banyan/observability/metrics.hpp>
#include <banyan/transport/encoded_call.hpp>
#include <banyan/transport/transport.hpp>

#include <functional>
#include <memory>

namespace banyan {

struct call_listener_options {
  framed_identity identity = {};
  std::string address = "127.0.0.1";  // an IP address or "localhost"; without TLS, loopback only
  std::uint16_t port = 0;             // 0: an ephemeral port
  framed_limits limits = {};
  timespan handshake_timeout = std::chrono::seconds{5};  // TLS, upgrade and hello
  std::size_t max_connections = 256;                     // including those in their handshake
};

// The handler of calls, see serve_call (call_server.hpp). Runs on the listener's thread, so it must not block. The
// answer may come on any thread, also after the listener's end. Cancelling a call destroys its attempt on the
// listener's thread.
using call_handler =
    std::function<std::unique_ptr<transport::attempt>(const encoded_call&, timespan left, completion<encoded_answer>)>;

class call_listener {
 public:
  // `metrics` must outlive it. Errors: invalid_argument with the option's name as field (reason "plaintext": no TLS,
  // and the address is not loopback); unavailable when it can not listen on the address.
  static result<std::unique_ptr<call_listener>> start(call_listener_options options, call_handler handler,
                                                      metrics_registry& metrics);
  ~call_listener();  // closes all connections, which cancels their calls

  std::uint16_t port() const;

  // Graceful shutdown: accepts no new connections and calls, waits at most `limit` until accepted calls are answered
  // and their callers have disconnected, then closes everything. True: none were cut. Not from the listener's thread.
  bool drain(timespan limit);

 private:
  struct impl;
  explicit call_listener(std::unique_ptr<impl> i);
  std::unique_ptr<impl> impl_;
};

}  // namespace banyan
