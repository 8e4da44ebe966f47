// Joins received frames to messages. Pure.
//
//   message_assembler assembler{mine.max_message};
//   result<std::optional<whole_message>> got = assembler.take(frame);   // of a request, answer or more
//
// Only one message at a time may be split into frames; messages of one frame may come in between. Refused with
// invalid_argument, reason "bad_frame" or "message_too_large": a second split message, a part without a message, a
// body longer than announced, an announced size over the limit. Memory is bounded by one message, and grows with
// received bytes, not with the announced size.
#pragma once

#include <banyan/framed_protocol/messages.hpp>

#include <optional>

namespace banyan::framed {

struct whole_message {
  frame_type type{};  // request or answer
  std::uint64_t call = 0;
  request_head head = {};          // for a request
  std::int64_t position = 0;  // for an answer
  std::string body = {};
};

class message_assembler {
 public:
  explicit message_assembler(std::size_t max_message) : max_message_{max_message} {}

  result<std::optional<whole_message>> take(const frame& f);

  // Drops the partial message of a cancelled or failed call. True: there was one.
  bool drop(std::uint64_t call);

 private:
  result<std::optional<whole_message>> begin(whole_message m, body_part body);
  result<std::optional<whole_message>> add(const frame& f);

  std::size_t max_message_;
  std::optional<whole_message> under_way_;
  std::size_t missing_ = 0;  // bytes of the body not received yet
};

}  // namespace banyan::framed
