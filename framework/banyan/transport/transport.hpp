// The port by which an operation is called on another node. Engines: the simulation's, whose links lose, delay and
// repeat, and engines/framed_transport, over TCP and TLS (tests/conformance/transport_conformance_test.cpp says what it
// keeps to).
//
// Guarantees of every engine:
//   - a call is answered exactly once, by a reply, by the other node's error, or by an error of the transport's own:
//     `unavailable` with outcome not_applied when it is certain that the other node never saw it, and outcome unknown
//     otherwise;
//   - `deadline` travels with the call, in a form that needs no clocks that agree; the answer is told by then at the
//     latest;
//   - destroying the attempt gives the call up: its completion gets an error instead of the answer, on any thread and
//     without waiting, and the other node is told, at most once;
//   - the payload is encoded by the operation's codecs; a message without one can not be sent (the caller sees to
//     it).
#pragma once

#include <banyan/actor/message.hpp>
#include <banyan/core/completion.hpp>
#include <banyan/plan/operation.hpp>
#include <banyan/transport/endpoint_set.hpp>

#include <memory>

namespace banyan {

// An answer that came from another node: a value in a message, whose journal position is set.
struct remote_answer {
  message_ptr value;
};

class transport {
 public:
  struct options {};  // of the port: a node has one transport
  // A call under way; see above.
  class attempt {
   public:
    virtual ~attempt() = default;
  };
  virtual ~transport() = default;

  // Any thread. The answer comes on any thread, also before this returns; the attempt may be null then. `what` must
  // outlive the attempt, `request` the call of send.
  virtual std::unique_ptr<attempt> send(const endpoint& to, const operation& what, const message& request,
                                        monotonic deadline, completion<remote_answer> answer) = 0;
};

}  // namespace banyan
