// The transport port: calls operations on other nodes. Engines: the simulation's, whose links lose, delay and
// duplicate, and engines/framed_transport over TCP and TLS (conformance:
// tests/conformance/transport_conformance_test.cpp).
//
// Guarantees of every engine:
//   - a call completes exactly once, with a reply, the other node's error, or an error of the transport:
//     `unavailable` with outcome not_applied when the other node certainly never saw the call, else with outcome
//     unknown;
//   - `deadline` travels with the call in a form that needs no synchronised clocks; the call completes by then at
//     the latest;
//   - destroying the attempt gives the call up: the completion gets an error instead of the answer, on any thread,
//     without waiting, and the other node is notified, at most once;
//   - the payload is encoded by the operation's codecs; a message without a codec must not be passed.
#pragma once

#include <banyan/actor/message.hpp>
#include <banyan/core/completion.hpp>
#include <banyan/plan/operation.hpp>
#include <banyan/transport/endpoint_set.hpp>

#include <memory>

namespace banyan {

// An answer from another node: a message with the reply and its journal position.
struct remote_answer {
  message_ptr value;
};

class transport {
 public:
  struct options {};  // none: a node has one transport
  // A call in flight; see above.
  class attempt {
   public:
    virtual ~attempt() = default;
  };
  virtual ~transport() = default;

  // Thread-safe. Completes on any thread, possibly before this returns; the attempt may be null then. `what` must
  // outlive the attempt; `request` is used only during this call.
  virtual std::unique_ptr<attempt> send(const endpoint& to, const operation& what, const message& request,
                                        monotonic deadline, completion<remote_answer> answer) = 0;
};

}  // namespace banyan
