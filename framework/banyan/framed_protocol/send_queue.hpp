// The send queue of one side of a connection, with its priorities. Pure: the owner takes bytes from it and writes
// them.
//
//   send_queue queue{8 << 20, peer.max_frame, peer.max_message};
//   result<void> queued = queue.add_request(call, head, body);  // an error: nothing of it is sent
//   queue.take(out, 64 * 1024);                                 // whole frames, about 64 KiB
//
// Order: control frames first (cancel, ping, pong, goaway, failures), then messages of one frame in FIFO order,
// interleaved with the frames of the current large message. So a small call waits for at most `about` bytes of a
// large one, and the peer assembles one large message at a time. Large messages are sent one after the other.
//
// Bounds: at most `max_bytes` are queued; beyond it a message is refused with exhausted, reason "send_queue_full".
// Control frames are not refused; the protocol bounds them: at most one cancel or failure per open call, one ping,
// one pong (for the newest ping).
#pragma once

#include <banyan/framed_protocol/messages.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace banyan::framed {

class send_queue {
 public:
  send_queue(std::size_t max_bytes, std::size_t max_frame, std::size_t max_message)
      : max_bytes_{max_bytes}, max_frame_{max_frame}, max_message_{max_message} {}

  // Applies the limits of the peer's hello. Frames do not become larger than before it.
  void limit(std::size_t max_frame, std::size_t max_message) {
    max_frame_ = std::min(max_frame_, max_frame);
    max_message_ = max_message;
  }

  result<void> add_request(std::uint64_t call, const request_head& head, std::string body);
  result<void> add_answer(std::uint64_t call, std::int64_t position, std::string body);
  void add_failure(std::uint64_t call, const error& why);
  void add_cancel(std::uint64_t call) { append_frame(control_, frame_type::cancel, call, {}); }
  void add_hello(const hello& mine);
  void add_ping(heartbeat b);
  void add_pong(heartbeat b) { pong_ = b; }
  void add_goaway(std::string_view reason);

  // Removes the message of this call. `unsent`: no byte of it was taken. `cut`: it was taken in part, tell the peer
  // (cancel or failure). `sent`: all of it was taken, or there was none.
  enum class withdrawn { unsent, cut, sent };
  withdrawn withdraw(std::uint64_t call);

  // Removes all messages of which no byte was taken; returns their calls in sending order.
  std::vector<std::uint64_t> withdraw_unsent();

  // Appends whole frames until `out` has `about` bytes or more, or the queue is empty.
  void take(std::string& out, std::size_t about);

  bool empty() const { return control_.empty() && !pong_ && small_.empty() && large_.empty(); }
  std::size_t bytes() const { return bytes_ + control_.size(); }

 private:
  struct small_message {
    std::uint64_t call;
    std::string bytes;  // the frame
  };
  struct large_message {
    frame_type type;
    std::uint64_t call;
    std::string head;
    std::string body;
    std::size_t sent = 0;  // bytes of the body
    bool begun = false;
  };

  result<void> add(frame_type type, std::uint64_t call, std::string head, std::string body);
  void take_control(std::string& out);
  void take_part(std::string& out);

  std::size_t max_bytes_, max_frame_, max_message_;
  std::size_t bytes_ = 0;
  std::string control_;
  std::optional<heartbeat> pong_;
  std::deque<small_message> small_;
  std::deque<large_message> large_;  // the first may be sent in part
};

}  // namespace banyan::framed
