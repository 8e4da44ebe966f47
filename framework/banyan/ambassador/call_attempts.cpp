// The part of a call that runs as a coroutine: waiting for a permit, attempts, retries and hedges.
#include <banyan/actor/system.hpp>
#include <banyan/ambassador/bulkhead_wait.hpp>
#include <banyan/ambassador/call_chain.hpp>
#include <banyan/ambassador/call_note.hpp>
#include <banyan/core/hash.hpp>

#include <utility>

namespace banyan {

namespace {

constexpr const char* name_of(attempt_kind kind) {
  return kind == attempt_kind::first ? "first" : kind == attempt_kind::retry ? "retry" : "hedge";
}

}  // namespace

// One attempt under way, recorded as cancelled when this is destroyed before end().
class call_chain::attempt {
 public:
  attempt(call_chain& chain, actor_host& host) : chain_{chain}, host_{host} {}
  ~attempt() { cancel(); }
  attempt(const attempt&) = delete;
  attempt& operator=(const attempt&) = delete;

  void begin(endpoint_table::endpoint_ptr at, breaker_permit permit, attempt_kind kind, monotonic now,
             span_scope span) {
    at_ = std::move(at);
    span_ = std::move(span);
    permit_ = permit;
    kind_ = kind;
    began_ = now;
    chain_.endpoints_.begin(*at_);
  }
  void end(const error* why) { end(why, false); }
  void cancel() { end(nullptr, true); }

 private:
  void end(const error* why, bool cancelled) {
    const auto at = std::exchange(at_, nullptr);
    if (!at) return;
    if (why) span_.end(*why);
    else span_.set("banyan.cancelled", cancelled).end();
    const auto now = host_.steady();
    const auto how = cancelled ? call_outcome::ignored : why ? outcome_of(*why) : call_outcome::success;
    chain_.endpoints_.record(*at, permit_, how, now);
    const auto result = how == call_outcome::success   ? attempt_result::success
                        : how == call_outcome::failure ? attempt_result::failure
                                                       : attempt_result::ignored;
    chain_.endpoints_.end(*at, result, now - began_, now);
    chain_.count_attempt(kind_, why, cancelled, now - began_);
    if (kind_ != attempt_kind::first)
      chain_.budget_.end_extra(kind_ == attempt_kind::retry ? extra_attempt::retry : extra_attempt::hedge, now);
    if (why && logs(log_level::debug))
      chain_.log_.debug(
          "an attempt failed",
          {{"to", chain_.spec_.to}, {"endpoint", at->where.node}, {"error", *why}, {"took", now - began_}});
  }

  call_chain& chain_;
  actor_host& host_;
  endpoint_table::endpoint_ptr at_;  // null: none is under way
  breaker_permit permit_;
  attempt_kind kind_ = attempt_kind::first;
  monotonic began_{};
  span_scope span_;
};

// A scheduled retry or hedge, given back to the budget unless it is sent.
class call_chain::extra {
 public:
  extra(retry_budget& budget, extra_attempt kind) : budget_{budget}, kind_{kind} {}
  ~extra() {
    if (taken_) budget_.give_back(kind_);
  }
  extra(const extra&) = delete;
  extra& operator=(const extra&) = delete;
  bool take(monotonic now) { return taken_ = budget_.take(kind_, now); }
  void sent() { taken_ = false; }

 private:
  retry_budget& budget_;
  const extra_attempt kind_;
  bool taken_ = false;
};

task<result<message_ptr>> call_chain::carry_on(actor_host& host, observed_call& call, message_ptr request,
                                               std::optional<error> last) {
  note_of(call).is_carried = true;
  if (!request) request = call.copy.take();
  const auto* instead = fallback_for(*request);
  message_ptr asked = instead ? request : message_ptr{};  // kept for the fallback
  auto answer = co_await carry(host, call, request, std::move(last));
  if (answer) {
    finish(call, nullptr, host.steady());
    co_return std::move(answer);
  }
  const error why = answer.error();
  finish(call, &why, host.steady());
  if (instead && outcome_of(why) != call_outcome::success) co_return instead->answer(*asked, why);
  co_return std::move(answer);
}

task<result<message_ptr>> call_chain::carry(actor_host& host, observed_call& call, message_ptr& request,
                                            std::optional<error> last) {
  auto& n = note_of(call);
  if (n.at == note::stage::begun)
    if (!pass_rate(call)) co_return std::move(*call.refused);
  if (n.at == note::stage::past_rate) {
    if (limit_) {
      const bool passes = co_await pass_limit(host, call);
      if (!passes) co_return std::move(*call.refused);
    }
    if (!pass_breaker(call, host.steady())) co_return std::move(*call.refused);
  }
  co_return co_await attempts(host, call, request, std::move(last));
}

task<bool> call_chain::pass_limit(actor_host& host, observed_call& call) {
  auto& n = note_of(call);
  n.has_permit_of_limit = limit_->try_enter();
  if (n.has_permit_of_limit) co_return true;
  bulkhead_wait place{host, *limit_};
  auto enter = [&](completion<done> over) { place.enter(call.deadline, std::move(over)); };
  const auto longest = std::min<timespan>(timespan{call.deadline - host.steady()}, now().parts.limit->queue_time);
  co_await host.wait_for<done>(longest, enter);
  n.has_permit_of_limit = place.take();
  co_return n.has_permit_of_limit || refuse(call, link_part::limit, place.refusal());
}

std::uint64_t call_chain::key_of(const message& request) {
  if (!request.context) return 0;
  const auto& id = request.context->command.bytes;
  return stable_hash({reinterpret_cast<const char*>(id.data()), id.size()});
}

struct call_chain::started {
  started(call_chain& chain, actor_host& host, message_ptr& r)
      : request{r},
        context{r->context},
        what{chain.operation_of(*r)},
        local{chain.here_.find(r->type)},
        key{key_of(*r)},
        running{host},
        tracked{attempt{chain, host}, attempt{chain, host}, attempt{chain, host}} {}
  idempotent how() const { return what ? what->how : idempotent::never; }
  bool can_repeat() const { return what && what->request_codec; }
  bool leaves(const link_route& by) const { return by.by && (!local || local->is_remote); }

  message_ptr& request;
  const context_ptr context;
  const operation* const what;
  const directory::endpoint* const local;
  const std::uint64_t key;
  endpoint_table::unwanted unwanted = {};
  attempt_set running;
  std::array<attempt, attempt_set::most> tracked;
};

// Sends an attempt, to an endpoint whose breaker admits it. Returns the reason when there is none.
std::optional<error> call_chain::start(actor_host& host, observed_call& call, started& s, std::size_t slot,
                                       attempt_kind kind, bool is_last) {
  const auto now = host.steady();
  const auto limit = std::min(call.deadline, add_saturating(now, this->now().parts.attempt_deadline));
  const bool leaves = s.leaves(route_);
  const auto among = endpoints_.update(leaves ? route_.to->now() : local_endpoint(), now);
  auto refusal = error{code::unavailable, "no endpoint answers for " + spec_.to + " now"}.because("no_endpoint");
  s.unwanted.refused.clear();
  for (;;) {
    const auto at = endpoints_.choose(*among, s.unwanted, host.random(), s.key, now);
    if (!at) {
      metrics_.refused_by[static_cast<std::size_t>(link_part::endpoints)].add();
      return refusal;
    }
    breaker_permit permit;
    if (at->guard) {
      const auto admitted = at->guard->acquire(now, limit);
      if (!admitted) {
        at->refused.fetch_add(1, std::memory_order_relaxed);
        s.unwanted.refused.push_back(at.get());
        auto one = admitted.refusal(now);
        if (refusal.reason != circuit_open || one.retry_after < refusal.retry_after) refusal = std::move(one);
        continue;
      }
      permit = admitted.permit();
    }
    s.unwanted.tried.push_back(at.get());
    auto span = host.system().tracer().begin(trace_of(s.context), span_kind::client,
                                             s.what ? std::string_view{s.what->name} : s.request->type->name);
    span.set("banyan.service", spec_.from).set("peer.service", spec_.to);
    span.set("server.address", at->where.node).set("banyan.attempt", name_of(kind));
    // Each attempt has a context of its own, so that it can be given up alone.
    auto own = s.context ? std::make_shared<message_context>(*s.context) : nullptr;
    if (span.is_recorded()) {
      if (!own) own = std::make_shared<message_context>();
      own->trace = span.traceparent();
    }
    s.tracked[slot].begin(at, permit, kind, now, std::move(span));
    if (leaves) {
      s.request->context = own;
      s.running.start(slot, *route_.by, at->where, *s.what, *s.request, limit);
      return std::nullopt;
    }
    auto one = is_last || !s.can_repeat() ? std::move(s.request) : copy_message(*s.what->request_codec, *s.request);
    one->context = own;
    const auto to = s.local ? s.local->for_message(*one) : address{};
    s.running.start(slot, to, std::move(one), limit);
    return std::nullopt;
  }
}

task<result<message_ptr>> call_chain::attempts(actor_host& host, observed_call& call, message_ptr& request,
                                               std::optional<error> last) {
  started s{*this, host, request};
  if (s.leaves(route_) && (!s.can_repeat() || !s.what->reply_codec))
    co_return error{code::unimplemented, std::string{request->type->name} + " can not leave this node"};
  for (int made = last ? 1 : 0;;) {
    auto kind = attempt_kind::first;
    extra again{budget_, extra_attempt::retry};
    if (last) {
      const auto& retry = now().retry;
      if (!retry) co_return std::move(*last);
      const failed_attempt failed{.why = *last,
                                  .attempt = made,
                                  .how = s.how(),
                                  .remaining = timespan{call.deadline - host.steady()},
                                  .refused_by_breaker = last->reason == circuit_open,
                                  .other_endpoint = false};
      const auto next = retry->after_failure(failed, host.random());
      if (!next.wait || !s.request) co_return next.to_caller(std::move(*last));
      if (!again.take(host.steady())) {
        metrics_.unaffordable.add();
        co_return retry_policy::give_up(std::move(*last));
      }
      if (*next.wait > nanoseconds{0}) co_await host.sleep(*next.wait);
      kind = attempt_kind::retry;
    }
    ++made;
    const auto& retry = now().retry;
    const bool is_last = !parts_.hedge && (!retry || made >= retry->options().attempts);
    last = start(host, call, s, 0, kind, is_last);
    if (last) continue;
    again.sent();
    auto answer = co_await first_answer(host, call, s);
    if (answer) co_return std::move(answer);
    last = answer.error();
    if (outcome_of(*last) != call_outcome::failure) co_return std::move(*last);
  }
}

// Of the attempt in slot 0, and of a hedge in slot 1 if it takes too long. A failure counts when no other is under way.
task<result<message_ptr>> call_chain::first_answer(actor_host& host, observed_call& call, started& s) {
  auto until = monotonic::max();
  if (parts_.hedge && s.can_repeat()) {
    const auto now = host.steady();
    const auto wait = hedge_delay(*this->now().parts.hedge, slow_->value(now), s.how(), timespan{call.deadline - now});
    if (wait) until = now + *wait;
  }
  auto finished = co_await s.running.next(until);
  if (!finished) {
    extra hedge{budget_, extra_attempt::hedge};
    if (hedge.take(host.steady()) && !start(host, call, s, 1, attempt_kind::hedge, false)) hedge.sent();
    finished = co_await s.running.next(monotonic::max());
  }
  for (;;) {
    auto answer = s.running.take(*finished);
    const auto why = answer ? std::optional<error>{} : answer.error();
    s.tracked[*finished].end(why ? &*why : nullptr);
    const bool failed = why && outcome_of(*why) == call_outcome::failure;
    const auto other = 1 - *finished;
    if (!failed || !s.running.is_under_way(other)) {
      s.running.give_up(other);
      s.tracked[other].cancel();
      co_return std::move(answer);
    }
    finished = co_await s.running.next(monotonic::max());
  }
}

}  // namespace banyan
