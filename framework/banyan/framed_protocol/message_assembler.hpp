// Puts frames together to messages: what arrives on one side of a connection. Pure.
//
//   message_assembler assembler{mine.max_message};
//   result<std::optional<whole_message>> got = assembler.take(frame);   // of a request, answer or more
//
// One message at a time may be under way in several frames, others of one frame may come between; a second one is
// refused, as is a part that belongs to no message, a body that is longer than it said, or one that says more than the
// limit: invalid_argument, reason "bad_frame" or "message_too_large". So the memory is bounded by one message; it grows
// with what has arrived, not with what was announced.
#pragma once

#include <banyan/framed_protocol/messages.hpp>

#include <optional>

namespace banyan::framed {

struct whole_message {
  frame_type type{};  // request or answer
  std::uint64_t call = 0;
  request_head head = {};          // of a request
  std::int64_t position = 0;  // of an answer
  std::string body = {};
};

class message_assembler {
 public:
  explicit message_assembler(std::size_t max_message) : max_message_{max_message} {}

  result<std::optional<whole_message>> take(const frame& f);

  // The call was cancelled or has failed: forgets what has arrived of its message. True: there was something.
  bool drop(std::uint64_t call);

 private:
  result<std::optional<whole_message>> begin(whole_message m, body_part body);
  result<std::optional<whole_message>> add(const frame& f);

  std::size_t max_message_;
  std::optional<whole_message> under_way_;
  std::size_t missing_ = 0;  // bytes of its body
};

}  // namespace banyan::framed
