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
#include <banyan/framed_protocol/session.hpp>

#include <optional>
#include <set>
#include <string>

namespace banyan::framed {

// What the callee has answered.
struct answer {
  std::string body = {};
  std::int64_t position = 0;     // of the journal: what the answer includes
  std::optional<error> failure = {};  // the callee's; there is no body then
};

class caller_session final : public session {
 public:
  caller_session(hello mine, session_options options, std::int64_t now);

  // No calls before the callee's hello is here, nor after its goaway.
  bool ready() const { return hello_received_ && !leaving_ && !fault_; }

  // Deadlines are microseconds of our monotonic clock. Returns the number for cancel(), or 0: refused, `done` has been
  // called.
  std::uint64_t call(request_head head, std::string body, completion<answer> done);
  // The answer is of no use any more: `done` is called with `why`, its outcome filled in. Unknown numbers are ignored.
  void cancel(std::uint64_t call, error why);

  void on_time(std::int64_t now);
  std::int64_t next_time() const;  // when on_time() has something to do, unless something happens before

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
