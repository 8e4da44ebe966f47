#include <banyan/framed_protocol/caller_session.hpp>

#include <algorithm>
#include <utility>

namespace banyan::framed {

namespace {
error leaving() { return error{code::unavailable, "the other node is leaving"}.because("closing"); }
}  // namespace

caller_session::caller_session(hello mine, session_options options, std::int64_t now)
    : session{std::move(mine), options, options.max_queued, now}, calls_{0} {}

std::uint64_t caller_session::call(request_head head, std::string body, completion<answer> done) {
  if (!ready()) {
    done(error{code::unavailable, "the connection takes no calls"}.because("closing"));
    return 0;
  }
  if (calls_.full()) {
    done(error{code::exhausted, "the other node owes as many answers as it takes calls"}.because("too_many_calls"));
    return 0;
  }
  const auto deadline = head.deadline;
  const auto call = calls_.open({std::move(done), deadline});
  if (auto queued = queue_.add_request(call, head, std::move(body)); !queued) {
    calls_.forget(call)->done(queued.error());
    return 0;
  }
  if (deadline != no_deadline) deadlines_.emplace(deadline, call);
  return call;
}

void caller_session::cancel(std::uint64_t call, error why) {
  if (!calls_.find(call)) return;
  const auto left = queue_.withdraw(call);
  if (left == send_queue::withdrawn::unsent) {
    why.outcome = outcome::not_applied;
    auto p = calls_.forget(call);
    return fail(std::move(*p), call, std::move(why));
  }
  // A partly sent request counts as not sent; but the callee has an entry for it and answers the cancellation.
  why.outcome = left == send_queue::withdrawn::cut ? outcome::not_applied : outcome::unknown;
  queue_.add_cancel(call);
  auto p = calls_.abandon(call);
  fail(std::move(*p), call, std::move(why));
}

void caller_session::handle(const frame& f) {
  switch (f.type) {
    case frame_type::answer:
    case frame_type::more: {
      auto m = assembler_.take(f);
      if (!m) return lost(m.error());
      if (*m) end((*m)->call, {std::move((*m)->body), (*m)->position, {}});
      return;
    }
    case frame_type::failure: {
      auto why = decode_failure(f.payload);
      if (!why) return lost(bad_frame("a failure that is not understood"));
      assembler_.drop(f.call);
      return end(f.call, {{}, 0, std::move(*why)});
    }
    case frame_type::goaway: return on_goaway(f);
    default: return lost(bad_frame("a frame that a callee does not send"));
  }
}

void caller_session::on_hello(hello theirs) {
  calls_ = outgoing_calls<pending>{std::min(theirs.max_calls, mine_.max_calls)};
}

void caller_session::end(std::uint64_t call, answer with) {
  auto p = calls_.answered(call);
  if (!p) return lost(p.error());
  if (!*p)
    ++late_answers_;
  else {
    deadlines_.erase({(*p)->deadline, call});
    (*p)->done(std::move(with));
  }
  if (leaving_ && calls_.size() == 0) lost(leaving());
}

void caller_session::fail(pending p, std::uint64_t call, error why) {
  deadlines_.erase({p.deadline, call});
  p.done(std::move(why));
}

// Unsent calls may go to another node at once; the others are answered by the callee, with a refusal if they came
// too late.
void caller_session::on_goaway(const frame& f) {
  if (auto reason = decode_goaway(f.payload); !reason) return lost(reason.error());
  leaving_ = true;
  for (const auto call : queue_.withdraw_unsent())
    if (auto p = calls_.forget(call)) fail(std::move(*p), call, leaving());
  if (calls_.size() == 0) lost(leaving());
}

void caller_session::on_time(std::int64_t now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now)
    cancel(deadlines_.begin()->second, {code::deadline_exceeded, "no answer in time"});
  keep_alive(now);
}

std::int64_t caller_session::next_time() const {
  const auto next = keep_alive_time();
  return fault_ || deadlines_.empty() ? next : std::min(next, deadlines_.begin()->first);
}

void caller_session::on_lost(const error& why) {
  for (auto& [call, p] : calls_.lost()) {
    error of_call{code::unavailable, "the connection was lost: " + why.message};
    of_call.outcome = queue_.withdraw(call) == send_queue::withdrawn::sent ? outcome::unknown : outcome::not_applied;
    of_call.reason = why.reason == "peer_silent" ? "peer_silent" : "connection_lost";
    fail(std::move(p), call, std::move(of_call));
  }
}

}  // namespace banyan::framed
