#include <services/payments/outage.hpp>

#include <services/payments/acquirer_api.hpp>

#include <banyan/observability/log.hpp>

namespace shop::payments {

using banyan::breaker_event_kind;
using banyan::breaker_override;
using banyan::breaker_state;

namespace {

// Payments wait from when the closed breaker opens, or an operator opens it, until it is closed again, by either.
bool begins(const banyan::breaker_changed& e) {
  if (e.why == breaker_event_kind::forced) return e.forced == breaker_override::forced_open;
  return e.why == breaker_event_kind::tripped && e.before == breaker_state::closed;
}
bool ends(const banyan::breaker_changed& e) {
  if (e.why == breaker_event_kind::recovered) return true;
  return e.why == breaker_event_kind::forced && e.forced != breaker_override::forced_open &&
         e.after == breaker_state::closed && e.before != breaker_state::closed;
}

}  // namespace

banyan::task<banyan::result<banyan::done>> tell_of_outage(banyan::context<payments_api> ctx,
                                                          const banyan::breaker_changed& e) {
  if (e.service != payments_api::name || e.to != acquirer_api::name) co_return banyan::done{};
  const auto log = banyan::logger{e.service}.of(ctx.caller_context()->trace);
  if (begins(e)) log.warning("the acquirer is not asked: card payments wait, and the orders that need them");
  if (!ends(e)) co_return banyan::done{};
  const auto report = co_await ctx.ask<payments_api, get_payments_report>();
  if (report)
    log.info("the acquirer is asked again: payments that wait are taken up", {{"waiting", report->waiting}});
  else
    log.info("the acquirer is asked again: payments that wait are taken up");
  co_return banyan::done{};
}

}  // namespace shop::payments
