#include <banyan/framed_protocol/callee_session.hpp>

#include <banyan/core/utf8.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace banyan::framed {

namespace {
error cancelled(outcome known) {
  return error{code::deadline_exceeded, "cancelled by the caller", known}.because("cancelled");
}
}  // namespace

// The queue accepts every answer, however full: a refused answer would leave an executed call unanswered. The limit
// is kept by not reading; the queue's own is never reached.
callee_session::callee_session(hello mine, session_options options, std::int64_t now)
    : session{std::move(mine), options, std::numeric_limits<std::size_t>::max(), now}, calls_{mine_.max_calls} {}

void callee_session::handle(const frame& f) {
  switch (f.type) {
    case frame_type::request:
      if (auto begun = calls_.begin(f.call); !begun) return lost(begun.error());
      return on_part(f);
    case frame_type::more: return on_part(f);
    case frame_type::cancel: return on_cancel(f.call);
    default: return lost(bad_frame("a frame that a caller does not send"));
  }
}

void callee_session::on_hello(hello theirs) { peer_ = std::move(theirs.node); }

void callee_session::on_part(const frame& f) {
  auto m = assembler_.take(f);
  if (!m) return lost(m.error());
  if (!*m) return;
  if (const auto& h = (*m)->head; !is_utf8(h.operation) || !is_utf8(h.trace) || !is_utf8(h.caller))
    return refuse(f.call, error{code::invalid_argument, "a text of the request is not UTF-8"}.because("not_utf8"));
  if (leaving_) return refuse(f.call, error{code::unavailable, "this node is leaving"}.because("closing"));
  waiting_.push_back(std::move(**m));
}

// An answer and a cancellation may cross: a number that is not open is no error.
void callee_session::on_cancel(std::uint64_t call) {
  if (!calls_.is_open(call)) return take_back_answer(call);
  const auto of_call = [call](const whole_message& m) { return m.call == call; };
  const bool unbegun = assembler_.drop(call) || std::erase_if(waiting_, of_call) > 0;
  if (unbegun)
    ++expired_;
  else
    cancelled_.push_back(call);
  refuse(call, cancelled(unbegun ? outcome::not_applied : outcome::unknown));
}

// Stops sending a large answer that the peer no longer waits for.
void callee_session::take_back_answer(std::uint64_t call) {
  if (queue_.withdraw(call) == send_queue::withdrawn::sent) return;
  queue_.add_failure(call, cancelled(outcome::applied));
}

std::vector<whole_message> callee_session::take_requests(std::int64_t now) {
  std::vector<whole_message> ready;
  for (auto& m : std::exchange(waiting_, {})) {
    m.head.deadline = clock_.to_local(m.head.deadline);
    if (m.head.deadline > now) {
      ready.push_back(std::move(m));
      continue;
    }
    ++expired_;
    refuse(m.call, {code::deadline_exceeded, "the deadline had passed before work began"});
  }
  return ready;
}

void callee_session::answer(std::uint64_t call, framed::answer with) {
  if (fault_ || !calls_.is_open(call)) return;
  if (with.failure) return refuse(call, std::move(*with.failure));
  if (auto queued = queue_.add_answer(call, with.position, std::move(with.body)); !queued) {
    auto why = queued.error();
    why.code = code::internal;  // executed, but the answer can not be sent
    why.outcome = outcome::applied;
    return refuse(call, std::move(why));
  }
  calls_.answer(call);
}

void callee_session::refuse(std::uint64_t call, error why) {
  calls_.answer(call);
  queue_.add_failure(call, why);
}

void callee_session::goaway(std::string_view reason) {
  if (!std::exchange(leaving_, true)) queue_.add_goaway(reason);
}

void callee_session::on_lost(const error&) {
  waiting_.clear();
  for (auto call : calls_.lost()) cancelled_.push_back(call);  // also requests not handed out
}

}  // namespace banyan::framed
