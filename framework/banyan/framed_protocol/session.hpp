// The common base of both ends of a connection, without I/O: bytes in and out, the hello, the peer's clock, and
// keep-alive. Derived: caller_session, callee_session. Time is passed in, in microseconds of this side's monotonic
// clock.
#pragma once

#include <banyan/core/error.hpp>
#include <banyan/framed_protocol/frame.hpp>
#include <banyan/framed_protocol/message_assembler.hpp>
#include <banyan/framed_protocol/messages.hpp>
#include <banyan/framed_protocol/peer_clock.hpp>
#include <banyan/framed_protocol/send_queue.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace banyan::framed {

struct session_options {
  std::size_t max_queued = 8 * 1024 * 1024;  // bytes of messages waiting to be written
  std::int64_t ping_interval = 5'000'000;    // microseconds without a byte from the peer before a ping
  std::int64_t silence_limit = 15'000'000;   // ... before the connection counts as lost: "peer_silent"
};

class session {
 public:
  std::span<char> prepare(std::size_t n) { return reader_.prepare(n); }
  void received(std::size_t n, std::int64_t now);
  void lost(error why);  // the first call counts

  void take_output(std::string& out, std::size_t about) { queue_.take(out, about); }
  bool has_output() const { return !queue_.empty(); }

  // Why the connection is to be closed: the peer broke the protocol, is silent, or has said goaway and owes no
  // answer.
  const std::optional<error>& fault() const { return fault_; }

 protected:
  // `max_queued`: bytes of this end's queue.
  session(hello mine, session_options options, std::size_t max_queued, std::int64_t now);
  ~session() = default;

  virtual void on_hello(hello theirs) = 0;
  virtual void handle(const frame& f) = 0;  // not called for hello, ping and pong
  virtual void on_lost(const error& why) = 0;

  void keep_alive(std::int64_t now);
  std::int64_t keep_alive_time() const;  // time of the next ping or time-out, unless bytes arrive before

  hello mine_;
  const session_options options_;
  message_assembler assembler_;
  send_queue queue_;
  peer_clock clock_;
  std::optional<error> fault_;
  bool hello_received_ = false;
  bool leaving_ = false;

 private:
  void take(const frame& f, std::int64_t now);
  void take_hello(const frame& f, std::int64_t now);
  void take_heartbeat(const frame& f, std::int64_t now);

  frame_reader reader_;
  std::int64_t heard_, asked_;
  std::uint64_t pings_ = 0;
};

}  // namespace banyan::framed
