// The callee's end of a connection, without I/O: received bytes become requests and cancellations; answers become
// bytes to send.
//
//   callee_session session{mine, {}, now};
//   session.received(n, now);
//   for (auto& r : session.take_requests(now)) start(std::move(r));  // deadlines are by our clock
//   for (auto call : session.take_cancelled()) ...                   // ends the task of that request
//   session.answer(call, {body, 0, {}});                             // once per request; further ones are ignored
//
// The session itself answers, without handing out: a request with text that is not UTF-8 (invalid_argument
// "not_utf8"), one whose deadline has passed (deadline_exceeded, not_applied), one cancelled within the same bytes
// (the same error), one after goaway() (unavailable "closing", not_applied), and every cancelled call, whose
// handler's answer is dropped.
//
// reading() is false while more than `max_queued` bytes of answers wait to be sent. The caller must not read from
// the socket then, so a peer that does not take its answers is not served, and memory is bounded by max_queued, one
// message in each direction and the answers of max_calls handlers.
#pragma once

#include <banyan/framed_protocol/open_calls.hpp>
#include <banyan/framed_protocol/caller_session.hpp>

#include <vector>

namespace banyan::framed {

class callee_session final : public session {
 public:
  callee_session(hello mine, session_options options, std::int64_t now);

  std::vector<whole_message> take_requests(std::int64_t now);
  std::vector<std::uint64_t> take_cancelled() { return std::exchange(cancelled_, {}); }
  void answer(std::uint64_t call, framed::answer with);

  // Announces that no more requests are accepted: received ones are answered, the peer sends others elsewhere.
  void goaway(std::string_view reason);
  void on_time(std::int64_t now) { keep_alive(now); }
  std::int64_t next_time() const { return keep_alive_time(); }
  bool reading() const { return !fault_ && queue_.bytes() < options_.max_queued; }

  bool is_open() const { return hello_received_; }
  const std::string& peer() const { return peer_; }  // the name that it announced
  std::size_t open_calls() const { return calls_.size(); }
  std::uint64_t expired() const { return expired_; }  // expired or cancelled requests, not handed out

 private:
  void handle(const frame& f) override;
  void on_hello(hello theirs) override;
  void on_lost(const error& why) override;
  void on_part(const frame& f);
  void on_cancel(std::uint64_t call);
  void take_back_answer(std::uint64_t call);
  void refuse(std::uint64_t call, error why);

  incoming_calls calls_;
  std::vector<whole_message> waiting_;
  std::vector<std::uint64_t> cancelled_;
  std::string peer_;
  std::uint64_t expired_ = 0;
};

}  // namespace banyan::framed
