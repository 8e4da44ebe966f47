// Frames, the smallest unit on the wire between two nodes.
//
//   0      3   4            12
//   +------+---+------------+------------------+
//   | size |type| call      | payload, `size`  |      integers in network byte order
//   +------+---+------------+------------------+
//
// `call` is the number of the call: the caller counts from 1 and never reuses a number on a connection; 0 is the
// connection itself. Payloads are defined in messages.hpp; message_assembler.hpp joins frames to messages.
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
// Memory of a reader: one frame and the bytes read beyond it; a declared size over the limit is refused before
// anything is stored. Frames of unknown types are refused, except optional types, which are skipped silently.
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
  more = 5,     // the next part of the request or answer of this call
  cancel = 6,   // caller: no longer waits for the answer
  ping = 7,
  pong = 8,
  goaway = 9,  // callee: accepts no more requests; later ones are refused
};

// Unknown types from here on are skipped. Later versions may add such frames without a new protocol version.
inline constexpr std::uint8_t first_optional_type = 0x80;

inline constexpr std::size_t frame_head_size = 12;
inline constexpr std::size_t max_frame_size = (std::size_t{1} << 24) - 1;  // limit of the field `size`, bytes

// A protocol violation of the peer: invalid_argument, reason "bad_frame". Close the connection.
error bad_frame(std::string what);

struct frame {
  frame_type type{};
  std::uint64_t call = 0;
  std::string_view payload;
};

// `payload` must have at most max_frame_size bytes.
void append_frame(std::string& out, frame_type type, std::uint64_t call, std::string_view payload);

// Appends the head for a payload that follows; returns the offset of the payload, for end_frame().
std::size_t begin_frame(std::string& out, frame_type type, std::uint64_t call);
void end_frame(std::string& out, std::size_t payload_begin);

class frame_reader {
 public:
  // `max_payload`: the largest accepted payload in bytes, at most max_frame_size.
  explicit frame_reader(std::size_t max_payload) : max_payload_{max_payload} {}

  std::span<char> prepare(std::size_t n);
  void commit(std::size_t n) { end_ += n; }

  result<std::optional<frame>> next();

  std::size_t buffered() const { return end_ - begin_; }

 private:
  std::size_t max_payload_;
  std::string bytes_;
  std::size_t begin_ = 0;  // start of the bytes not handed out
  std::size_t end_ = 0;    // end of the bytes read
};

}  // namespace banyan::framed
