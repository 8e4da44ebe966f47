// The caller's end of a connection, without I/O: calls become bytes to send, received bytes complete calls. Time is
// passed in.
//
//   caller_session session{mine, {}, now};
//   session.call(head, body, std::move(done));  // completes exactly once, at once when refused
//   session.take_output(out, 64 * 1024);  ... write `out` ...
//   auto space = session.prepare(32 * 1024);  ... read ...  session.received(n, now);
//   session.on_time(now);                       // at next_time(): deadlines, pings, silence of the peer
//   session.lost(why);                          // the socket broke; see also fault()
//
// What the callee answers, also its failure, is an `answer`; an error is one of the connection. The outcome of an
// error:
//   not_applied  refused here ("too_many_calls", "send_queue_full", invalid_argument, unavailable "closing"); or
//                expired, cancelled or lost with the connection before the request was sent completely;
//   unknown      the same after it was sent: the callee may have executed it. A retry uses the same command id.
//
// A sent call counts towards the callee's max_calls until the callee has answered it, also after it was cancelled.
// So a paused peer gets at most max_calls requests, further calls are refused at once, and nothing grows.
#pragma once

#include <banyan/core/completion.hpp>
#include <banyan/framed_protocol/open_calls.hpp>
#include <banyan/framed_protocol/session.hpp>

#include <optional>
#include <set>
#include <string>

namespace banyan::framed {

// An answer of the callee.
struct answer {
  std::string body = {};
  std::int64_t position = 0;     // journal position that the answer includes
  std::optional<error> failure = {};  // the callee's error, instead of a body
};

class caller_session final : public session {
 public:
  caller_session(hello mine, session_options options, std::int64_t now);

  // Whether calls are possible: after the callee's hello, and before its goaway.
  bool ready() const { return hello_received_ && !leaving_ && !fault_; }

  // Deadlines are in microseconds of our monotonic clock. Returns the number for cancel(); 0: refused, `done` has
  // been called.
  std::uint64_t call(request_head head, std::string body, completion<answer> done);
  // The caller no longer waits: `done` is called with `why` and its outcome. Unknown numbers are ignored.
  void cancel(std::uint64_t call, error why);

  void on_time(std::int64_t now);
  std::int64_t next_time() const;  // when to call on_time(), in microseconds

  std::size_t open_calls() const { return calls_.size(); }
  std::uint64_t late_answers() const { return late_answers_; }

 private:
  struct pending {
    completion<answer> done;
    std::int64_t deadline;
  };

  void handle(const frame& f) override;
  void on_hello(hello theirs) override;
  void on_lost(const error& why) override;
  void end(std::uint64_t call, answer with);
  void fail(pending p, std::uint64_t call, error why);
  void on_goaway(const frame& f);

  outgoing_calls<pending> calls_;
  std::set<std::pair<std::int64_t, std::uint64_t>> deadlines_;
  std::uint64_t late_answers_ = 0;
};

}  // namespace banyan::framed
