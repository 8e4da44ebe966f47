// The caller's end of a connection, without I/O: calls go in, bytes come out; bytes go in, completions are called. Time
// is passed in.
//
//   caller_session session{mine, {}, now};
//   session.call(head, body, std::move(done));                   // refused at once, or answered later, once
//   session.take_output(out, 64 * 1024);  ... write `out` ...
//   auto space = session.prepare(32 * 1024);  ... read ...  session.received(n, now);
//   session.on_time(now);                                        // at next_time(): deadlines, ping, silence
//   session.lost(why);                                           // the socket broke; see also fault()
//
// What the callee answers, a failure as well, is an `answer`; an error is one of the connection's own. What that says
// of its outcome:
//   not_applied  refused here ("too_many_calls", "send_queue_full", invalid_argument, unavailable "closing"), or its
//                deadline passed, it was cancelled or the connection was lost before all of it had left;
//   unknown      the same after it had left: the callee may have done it. A retry carries the same command id.
//
// A call that has left keeps its place among the callee's max_calls until the callee has answered it, also when nobody
// waits for the answer any more. So a paused peer gets at most max_calls requests, what follows is refused at once, and
// nothing grows.
#pragma once

#include <banyan/core/completion.hpp>
#include <banyan/framed_protocol/open_calls.hpp>
#include <banyan/framed_protocol/message_assembler.hpp>
#include <banyan/framed_protocol/send_queue.hpp>

#include <optional>
#include <set>
#include <span>
#include <string>

namespace banyan::framed {

// What the callee has answered.
struct answer {
  std::string body = {};
  std::int64_t position = 0;     // of the journal: what the answer includes
  std::optional<error> failure = {};  // the callee's; there is no body then
};

struct session_options {
  std::size_t max_queued = 8 * 1024 * 1024;  // bytes of messages that wait to be written
  std::int64_t ping_interval = 5'000'000;    // microseconds without a byte from the peer, then it is asked
  std::int64_t silence_limit = 15'000'000;   // the same, then the connection is lost: "peer_silent"
};

class caller_session {
 public:
  caller_session(hello mine, session_options options, std::int64_t now);

  // No calls before the callee's hello is here, nor after its goaway.
  bool ready() const { return hello_received_ && !leaving_ && !fault_; }

  // Deadlines are microseconds of our monotonic clock. Returns the number for cancel(), or 0: refused, `done` has been
  // called.
  std::uint64_t call(request_head head, std::string body, completion<answer> done);
  // The answer is of no use any more: `done` is called with `why`, its outcome filled in. Unknown numbers are ignored.
  void cancel(std::uint64_t call, error why);

  std::span<char> prepare(std::size_t n) { return reader_.prepare(n); }
  void received(std::size_t n, std::int64_t now);
  void on_time(std::int64_t now);
  std::int64_t next_time() const;  // when on_time() has something to do, unless something happens before
  void lost(error why);

  void take_output(std::string& out, std::size_t about) { queue_.take(out, about); }
  bool has_output() const { return !queue_.empty(); }

  // The connection is to be closed: the peer broke the protocol, is silent, or has said goodbye and owes no answer.
  const std::optional<error>& fault() const { return fault_; }

  std::size_t open_calls() const { return calls_.size(); }
  std::uint64_t late_answers() const { return late_answers_; }

 private:
  struct pending {
    completion<answer> done;
    std::int64_t deadline;
  };

  void handle(const frame& f, std::int64_t now);
  void on_hello(const frame& f);
  void end(std::uint64_t call, answer with);
  void fail(pending p, std::uint64_t call, error why);
  void on_goaway(const frame& f);

  hello mine_;
  session_options options_;
  frame_reader reader_;
  message_assembler assembler_;
  send_queue queue_;
  outgoing_calls<pending> calls_;
  std::set<std::pair<std::int64_t, std::uint64_t>> deadlines_;
  std::optional<error> fault_;
  std::int64_t heard_;
  std::int64_t asked_;
  std::uint64_t pings_ = 0;
  std::uint64_t late_answers_ = 0;
  bool hello_received_ = false;
  bool leaving_ = false;
};

}  // namespace banyan::framed
