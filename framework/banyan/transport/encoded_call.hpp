// An encoded call of an operation and its answer, as they travel between nodes: values and text only.
#pragma once

#include <banyan/actor/message.hpp>
#include <banyan/core/ids.hpp>
#include <banyan/core/result.hpp>
#include <banyan/core/time.hpp>
#include <banyan/plan/operation.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace banyan {

struct encoded_call {
  std::string operation;      // wire name, "payments.charge"
  int version = 1;
  std::string payload;        // the request as JSON
  std::int64_t position = 0;  // journal position that the reads must include; 0: any
  std::string trace;          // from here: the part of message_context that leaves the process
  uuid correlation, command, causation;
  std::string caller;
  std::string trace_state = {};  // tracestate; empty: none
};

struct encoded_answer {
  std::string payload;           // the reply as JSON
  std::int64_t position = 0;     // journal position that the answer includes
  std::optional<error> refused;  // the error, instead of a payload
};
inline encoded_answer refused_call(error why) { return {{}, 0, std::move(why)}; }

// `request` must be of the operation's type, which must be encodable.
inline encoded_call encode_call(const operation& what, const message& request) {
  encoded_call c{what.name, what.version, encode(*what.request_codec, request), request.position, {}, {}, {}, {}, {}};
  if (const auto& from = request.context) {
    c.trace = from->trace;
    c.correlation = from->correlation;
    c.command = from->command;
    c.causation = from->causation;
    c.caller = from->caller;
    if (from->trace_state) c.trace_state = *from->trace_state;
  }
  return c;
}

// The answer message for the caller. Errors: those of the other node; internal, outcome unknown, when its reply does
// not decode.
inline result<message_ptr> decode_answer(const operation& what, encoded_answer answer) {
  if (answer.refused) return std::move(*answer.refused);
  auto reply = decode_message(*what.reply_codec, answer.payload);
  if (!reply)
    return error{code::internal, "the reply of " + what.name + " does not decode: " + reply.error().message,
                 outcome::unknown};
  (*reply)->position = answer.position;
  return reply;
}

}  // namespace banyan
