// The side of the framed transport that is called: takes connections of other nodes and has their calls answered. See
// framed_transport.hpp.
//
//   auto answered = [&](const encoded_call& call, timespan left, completion<encoded_answer> answer) {
//     return serve_call(system, node.directory(), call, left, std::move(answer));
//   };
//   auto listener = call_listener::start({.identity = {"shop", "stock-1", tls}, .address = "10.0.0.7", .port = 7000},
//                                        answered, metrics);
//   ...
//   (*listener)->drain(5s);      // before the actors end: no new calls, those that have come are answered
//
// A connection is taken when its certificate is of the application's authority and names a node of the application;
// else it is answered 403. What is not an upgrade to a version that is known is answered 426, too many connections and
// those that come during the drain 503 (with TLS, too many are just closed). A peer that breaks the protocol, or is
// silent, loses its connection, and what it asked for is given up.
//
// Memory for one connection is bounded by max_calls requests and answers of max_message each, and in practice by what
// its peer, who has a certificate, sends. Put it on an internal network all the same: handshakes cost time.
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
  std::string address = "127.0.0.1";  // an IP address or "localhost"; without TLS, one of this machine
  std::uint16_t port = 0;             // 0: any free one
  framed_limits limits = {};
  timespan handshake_timeout = std::chrono::seconds{5};  // TLS, upgrade and hello
  std::size_t max_connections = 256;                     // those in their handshake as well
};

// How a call is answered: see serve_call (call_server.hpp). Called on the listener's thread: be quick. The answer may
// come on any thread, also when the listener is gone. A call that is given up: its attempt is destroyed, on the
// listener's thread.
using call_handler =
    std::function<std::unique_ptr<transport::attempt>(const encoded_call&, timespan left, completion<encoded_answer>)>;

class call_listener {
 public:
  // `metrics` must outlive it. Errors: invalid_argument with the option's name as field (reason "plaintext": other
  // machines could reach it, and there is no TLS); unavailable when the address can not be listened on.
  static result<std::unique_ptr<call_listener>> start(call_listener_options options, call_handler handler,
                                                      metrics_registry& metrics);
  ~call_listener();  // closes all connections, which gives up what is under way

  std::uint16_t port() const;

  // Takes no more connections and calls, and waits until those that have come are answered and their callers have gone;
  // at most `limit`. True: all of them. Then everything is closed. Not from the listener's thread.
  bool drain(timespan limit);

 private:
  struct impl;
  explicit call_listener(std::unique_ptr<impl> i);
  std::unique_ptr<impl> impl_;
};

}  // namespace banyan
