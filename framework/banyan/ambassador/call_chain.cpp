// Admission and settlement of calls; their attempts are in call_attempts.cpp.
#include <banyan/ambassador/call_chain.hpp>

#include <banyan/actor/system.hpp>
#include <banyan/ambassador/bulkhead_wait.hpp>
#include <banyan/ambassador/call_note.hpp>

#include <type_traits>

namespace banyan {

const std::shared_ptr<const endpoint_list>& call_chain::local_endpoint() {
  static const auto one = std::make_shared<const endpoint_list>(endpoint_list{{"local", ""}});
  return one;
}

call_chain::note& call_chain::note_of(observed_call& call) {
  static_assert(sizeof(note) <= sizeof(call.note) && std::is_trivially_destructible_v<note>);
  return *reinterpret_cast<note*>(call.note);
}

call_chain::call_chain(const link_spec& spec, const directory& here, link_route route, actor_system& system,
                       metrics_registry& metrics)
    : service_link{link_mode::observed},
      spec_{spec},
      parts_{spec.parts},
      here_{here},
      route_{std::move(route)},
      system_{system},
      log_{spec.from},
      metrics_{metrics, spec.from, spec.to},
      budget_{parts_.budget, system.steady()},
      endpoints_{parts_.balance, parts_.ejection,
                 [this](const endpoint& at) {
                   return parts_.endpoint_breaker ? make_breaker(*parts_.endpoint_breaker, at.node) : nullptr;
                 },
                 system.steady()} {
  const auto now = system.steady();
  now_.store(settings_for(parts_), std::memory_order_release);
  constexpr std::array<const char*, 4> names{"tripped", "probing", "recovered", "forced"};
  if (parts_.breaker || parts_.endpoint_breaker)
    for (std::size_t i = 0; i < names.size(); ++i)
      transitions_[i] = metrics.counter("banyan_breaker_transitions_total", "Changes of state of circuit breakers.",
                                        {{"service", spec.from}, {"to", spec.to}, {"event", names[i]}});
  if (parts_.rate) rate_.emplace(*parts_.rate, now);
  if (parts_.limit) limit_.emplace(*parts_.limit);
  if (parts_.limit && parts_.adapt) adapt_.emplace(*parts_.adapt, now);
  if (parts_.breaker) breaker_ = make_breaker(*parts_.breaker, {});
  has_budget_ = parts_.retry || parts_.hedge;
  is_carried_ = parts_.hedge || parts_.endpoint_breaker || !route_.operations.empty();
  if (parts_.hedge)
    slow_.emplace(latency_quantile_options{.quantile = parts_.hedge->quantile}, now);
  endpoints_.update(route_.by ? route_.to->now() : local_endpoint(), now);
}

call_chain::~call_chain() = default;

address call_chain::direct(message& request) const {
  const auto* e = here_.find(request.type);
  return e ? e->for_message(request) : address{};
}

const operation* call_chain::operation_of(const message& request) const {
  for (const auto& o : route_.operations)
    if (o.request == request.type) return &o;
  const auto* e = here_.find(request.type);
  return e ? e->of : nullptr;
}

bool call_chain::admit(actor_host& host, observed_call& call, message& request) {
  auto& n = *new (call.note) note{};
  if (!has_budget_) started_.fetch_add(1, std::memory_order_relaxed);
  const auto& set = now();
  call.deadline = std::min(call.deadline, add_saturating(call.began, set.parts.deadline));
  call.limit = std::min(call.deadline, add_saturating(call.began, set.parts.attempt_deadline));
  const auto* e = here_.find(request.type);
  n.of = e ? e->of : nullptr;
  if (is_carried_ || (e && e->is_remote && route_.by) || fallback_for(request)) return false;
  bool passes = !rate_ || pass_rate(call);
  if (passes && limit_) {
    passes = n.has_permit_of_limit = limit_->try_enter();
    if (!passes && set.parts.limit->queue > 0) return false;
    if (!passes) refuse(call, link_part::limit, limit_->refusal());
  }
  if (!passes || !pass_breaker(call, call.began)) {
    finish(call, &*call.refused, host.steady());
    return false;
  }
  if (set.retry && n.of && n.of->request_codec) call.copy.keep(*n.of->request_codec, request);
  if (e && !e->choose) {
    call.to = &e->to;
  } else {
    if (e) call.chosen = e->choose(request);
    call.to = &call.chosen;
  }
  return true;
}

bool call_chain::refuse(observed_call& call, link_part part, error why) {
  metrics_.refused_by[static_cast<std::size_t>(part)].add();
  call.refused = std::make_unique<error>(std::move(why));
  return false;
}

bool call_chain::pass_rate(observed_call& call) {
  note_of(call).at = note::stage::past_rate;
  return !rate_ || rate_->take(call.began) || refuse(call, link_part::rate, rate_->refusal(call.began));
}

bool call_chain::pass_breaker(observed_call& call, monotonic now) {
  auto& n = note_of(call);
  if (breaker_) {
    const auto admitted = breaker_->acquire(now, call.deadline);
    if (!admitted) return refuse(call, link_part::breaker, admitted.refusal(now));
    n.permit = admitted.permit();
  }
  n.at = note::stage::admitted;
  if (has_budget_) budget_.begin();
  return true;
}

bool call_chain::settle(actor_host& host, observed_call& call, const message& answer) {
  const auto now = host.steady();
  const auto* why = answer.kind == message_kind::failure ? &const_cast<message&>(answer).as<error>() : nullptr;
  if (why) count_attempt(attempt_kind::first, why, false, now - call.began);
  if (why && call.copy && outcome_of(*why) == call_outcome::failure) return true;
  finish(call, why, now);
  return false;
}

void call_chain::leave(actor_host& host, observed_call& call) noexcept {
  auto& n = note_of(call);
  if (!n.is_open) return;
  n.is_cancelled = true;
  finish(call, nullptr, host.steady());
}

void call_chain::finish(observed_call& call, const error* why, monotonic now) {
  auto& n = note_of(call);
  n.is_open = false;
  const auto how = n.is_cancelled ? call_outcome::ignored : why ? outcome_of(*why) : call_outcome::success;
  if (n.has_permit_of_limit) {
    if (adapt_ && n.at == note::stage::admitted && how != call_outcome::ignored)
      if (const auto changed = adapt_->record(now - call.began, limit_->in_flight(), now))
        limit_->set_concurrency(std::min(*changed, this->now().parts.limit->concurrency), now);
    limit_->release(now);
  }
  if (n.at == note::stage::admitted) {
    if (breaker_) breaker_->record(n.permit, how, now);
    if (has_budget_) budget_.end(now);
  }
  if (n.is_cancelled) return metrics_.cancelled.add();
  if (n.at != note::stage::admitted || how == call_outcome::ignored) return metrics_.refused.add();
  if (how != call_outcome::success)
    metrics_.failed.add();
  else if (why || n.is_carried)
    carried_.fetch_add(1, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);  // see update_metrics()
  metrics_.call_seconds.observe(now - call.began);
}

void call_chain::count_attempt(attempt_kind kind, const error* why, bool cancelled, nanoseconds took) {
  const bool failed = why && outcome_of(*why) == call_outcome::failure;
  if (kind == attempt_kind::first && !failed && !cancelled)
    first_.fetch_add(1, std::memory_order_relaxed);
  else
    metrics_.attempts[static_cast<std::size_t>(kind)][cancelled ? 2 : failed ? 1 : 0].add();
  if (!cancelled) metrics_.attempt_seconds.observe(took);
  if (slow_ && !cancelled && !failed) slow_->record(took, system_.steady());
}

const link_fallback* call_chain::fallback_for(const message& request) const {
  for (const auto& f : parts_.fallbacks)
    if (f.request == request.type) return &f;
  return nullptr;
}

}  // namespace banyan
