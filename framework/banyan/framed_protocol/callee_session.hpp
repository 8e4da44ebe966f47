// The callee's end of a connection, without I/O: bytes come in, requests and cancellations come out; answers go in,
// bytes come out.
//
//   callee_session session{mine, {}, now};
//   session.received(n, now);
//   for (auto& r : session.take_requests(now)) start(std::move(r));   // the deadline is in our clock
//   for (auto call : session.take_cancelled()) ...                    // ends the task of that request
//   session.answer(call, {body, 0, {}});                                  // once for each request; more are ignored
//
// What is answered without being handed out: a request with texts that are not UTF-8 (invalid_argument "not_utf8"), one
// whose deadline has passed (deadline_exceeded, not_applied), one whose cancellation came with the same bytes (the
// same), one that comes after goaway() (unavailable "closing", not_applied). A cancelled call is answered by the
// session, and the answer of its handler is dropped.
//
// reading() is false while more bytes of answers wait than `max_queued`: the shell does not read then, so a caller that
// does not take its answers is not served, and the memory is bounded by max_queued, one message in each direction and
// the answers of max_calls handlers.
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

  // No more requests: those that have come are answered, the caller sends the others elsewhere.
  void goaway(std::string_view reason);
  void on_time(std::int64_t now) { keep_alive(now); }
  std::int64_t next_time() const { return keep_alive_time(); }
  bool reading() const { return !fault_ && queue_.bytes() < options_.max_queued; }

  bool is_open() const { return hello_received_; }
  const std::string& peer() const { return peer_; }  // its name, as it says
  std::size_t open_calls() const { return calls_.size(); }
  std::uint64_t expired() const { return expired_; }  // too late or cancelled, so not handed out

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
