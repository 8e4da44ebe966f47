// Frames of the connection between two nodes: the smallest unit on the wire.
//
//   0      3   4            12
//   +------+---+------------+------------------+
//   | size |type| call      | payload, `size`  |      integers in network byte order
//   +------+---+------------+------------------+
//
// `call` is the number of the call that the frame belongs to: the caller counts from 1 and never uses a number twice on
// a connection. 0 stands for the connection itself. What a payload holds is in messages.hpp; how frames become messages
// is in message_assembler.hpp.
//
//   append_frame(out, frame_type::ping, 0, payload);           // writing
//
//   frame_reader reader{limits.max_frame};                     // reading
//   auto space = reader.prepare(n);  ... read into it ...  reader.commit(got);
//   while (true) {
//     result<std::optional<frame>> next = reader.next();
//     if (!next) return close(next.error());                   // reason "bad_frame" or "frame_too_large"
//     if (!*next) break;                                       // more bytes are needed
//     handle(**next);                                          // the payload is valid until the next prepare()
//   }
//
// Memory of a reader: the bytes of one frame and what was read beyond it; a declared size over the limit is refused
// before any of it is stored. A frame of an unknown type is refused, too, unless its type says that it may be skipped:
// such frames do not reach the caller.
#pragma once

#include <banyan/core/result.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace banyan::framed {

enum class frame_type : std::uint8_t {
  hello = 1,    // the first frame in each direction: limits and clock of its sender
  request = 2,  // caller: begins a call
  answer = 3,   // callee: ends a call with a value
  failure = 4,  // callee: ends a call with an error
  more = 5,     // continues the message that the sender's last request or answer of this call began
  cancel = 6,   // caller: the answer is of no use any more
  ping = 7,
  pong = 8,
  goaway = 9,  // callee: no more requests, please; what comes all the same is refused
};

// Types from here on may be skipped by a receiver that does not know them. Versions may add such frames without a new
// protocol version.
inline constexpr std::uint8_t first_optional_type = 0x80;

inline constexpr std::size_t frame_head_size = 12;
inline constexpr std::size_t max_frame_size = (std::size_t{1} << 24) - 1;  // what `size` can say

// What the other side did against the protocol: invalid_argument, reason "bad_frame". The connection is to be closed.
error bad_frame(std::string what);

struct frame {
  frame_type type{};
  std::uint64_t call = 0;
  std::string_view payload;
};

// `payload` has at most max_frame_size bytes.
void append_frame(std::string& out, frame_type type, std::uint64_t call, std::string_view payload);

// The head alone, for a payload that is written right behind it: returns where the payload begins, for end_frame().
std::size_t begin_frame(std::string& out, frame_type type, std::uint64_t call);
void end_frame(std::string& out, std::size_t payload_begin);

class frame_reader {
 public:
  // `max_payload`: the largest payload that is taken, at most max_frame_size.
  explicit frame_reader(std::size_t max_payload) : max_payload_{max_payload} {}

  std::span<char> prepare(std::size_t n);
  void commit(std::size_t n) { end_ += n; }

  result<std::optional<frame>> next();

  std::size_t buffered() const { return end_ - begin_; }

 private:
  std::size_t max_payload_;
  std::string bytes_;
  std::size_t begin_ = 0;  // of what is not handed out
  std::size_t end_ = 0;    // of what was read
};

}  // namespace banyan::framed
