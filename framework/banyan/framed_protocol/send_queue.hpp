// What one side of a connection has to send, in the order in which it goes out. Pure: bytes are taken from it and
// written by the shell.
//
//   send_queue queue{8 << 20, peer.max_frame, peer.max_message};
//   result<void> queued = queue.add_request(call, head, body);  // refused: nothing of it is sent
//   queue.take(out, 64 * 1024);                                 // about so many bytes, in whole frames
//
// Order: control frames first (cancel, ping, pong, goaway, failures), then messages of one frame in the order of
// adding, between the frames of the one large message that is under way. So a small call waits for at most `about`
// bytes of a large one, and the other side puts together one large message at a time. Large messages wait for each
// other.
//
// Bounds: the bytes that wait are at most `max_bytes`; what does not fit is refused with exhausted, reason
// "send_queue_full". Control frames are not refused; the protocol bounds them: at most one cancel or failure for each
// open call, one ping, one pong (of the newest ping).
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

  // What the other side's hello says. Frames do not become larger than before it.
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

  // Takes back the message of this call. `unsent`: nothing of it has left. `cut`: its end is missing, the peer must be
  // told (cancel or failure). `sent`: all of it has been taken, or there was none.
  enum class withdrawn { unsent, cut, sent };
  withdrawn withdraw(std::uint64_t call);

  // Takes back all messages of which nothing has left; their calls, in the order in which they would have gone out.
  std::vector<std::uint64_t> withdraw_unsent();

  // Appends whole frames until `out` has `about` bytes or more, or nothing is left.
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
    std::size_t sent = 0;  // of the body
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
  std::deque<large_message> large_;  // the first one may be under way
};

}  // namespace banyan::framed
