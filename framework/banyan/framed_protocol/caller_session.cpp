#include <banyan/framed_protocol/caller_session.hpp>

#include <algorithm>
#include <utility>

namespace banyan::framed {

namespace {
error leaving() { return error{code::unavailable, "the other node is leaving"}.because("closing"); }
}  // namespace

caller_session::caller_session(hello mine, session_options options, std::int64_t now)
    : mine_{std::move(mine)}, options_{options}, reader_{mine_.max_frame}, assembler_{mine_.max_message},
      queue_{options.max_queued, hello{}.max_frame, hello{}.max_message}, calls_{0}, heard_{now}, asked_{now} {
  mine_.clock = now;
  queue_.add_hello(mine_);
}

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
  // A request that is cut is as good as not sent, but the callee has a place for it and answers the cancellation.
  why.outcome = left == send_queue::withdrawn::cut ? outcome::not_applied : outcome::unknown;
  queue_.add_cancel(call);
  auto p = calls_.abandon(call);
  fail(std::move(*p), call, std::move(why));
}

void caller_session::received(std::size_t n, std::int64_t now) {
  reader_.commit(n);
  heard_ = now;
  while (!fault_) {
    auto f = reader_.next();
    if (!f) return lost(f.error());
    if (!*f) return;
    handle(**f, now);
  }
}

void caller_session::handle(const frame& f, std::int64_t now) {
  if (hello_received_ == (f.type == frame_type::hello)) return lost(bad_frame("a hello that is missing or repeated"));
  switch (f.type) {
    case frame_type::hello: return on_hello(f);
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
    case frame_type::ping:
    case frame_type::pong: {
      const auto b = decode_heartbeat(f.payload);
      if (!b) return lost(b.error());
      if (f.type == frame_type::ping) queue_.add_pong({b->number, now});
      return;
    }
    case frame_type::goaway: return on_goaway(f);
    default: return lost(bad_frame("a frame that a callee does not send"));
  }
}

void caller_session::on_hello(const frame& f) {
  const auto theirs = decode_hello(f.payload);
  if (!theirs) return lost(theirs.error());
  hello_received_ = true;
  queue_.limit(theirs->max_frame, theirs->max_message);
  calls_ = outgoing_calls<pending>{std::min(theirs->max_calls, mine_.max_calls)};
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

// What has not left may go to another node at once; the rest is answered, by a refusal if it came too late.
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
  if (fault_) return;
  if (now - heard_ >= options_.silence_limit)
    return lost(error{code::unavailable, "the other node says nothing"}.because("peer_silent"));
  if (hello_received_ && now - std::max(heard_, asked_) >= options_.ping_interval) {
    asked_ = now;
    queue_.add_ping({++pings_, now});
  }
}

std::int64_t caller_session::next_time() const {
  if (fault_) return no_deadline;
  auto next = heard_ + options_.silence_limit;
  if (hello_received_) next = std::min(next, std::max(heard_, asked_) + options_.ping_interval);
  if (!deadlines_.empty()) next = std::min(next, deadlines_.begin()->first);
  return next;
}

void caller_session::lost(error why) {
  if (fault_) return;
  fault_ = why;
  for (auto& [call, p] : calls_.lost()) {
    error of_call{code::unavailable, "the connection was lost: " + why.message};
    of_call.outcome = queue_.withdraw(call) == send_queue::withdrawn::sent ? outcome::unknown : outcome::not_applied;
    of_call.reason = why.reason == "peer_silent" ? "peer_silent" : "connection_lost";
    fail(std::move(p), call, std::move(of_call));
  }
}

}  // namespace banyan::framed
