#include <services/payments/outage.hpp>

#include <services/payments/acquirer_api.hpp>

#include <banyan/observability/log.hpp>

namespace shop::payments {

using banyan::breaker_event_kind;
using banyan::breaker_state;

banyan::task<banyan::result<banyan::done>> tell_of_outage(banyan::context<payments_api> ctx,
                                                          const banyan::breaker_changed& e) {
  if (e.service != payments_api::name || e.to != acquirer_api::name) co_return banyan::done{};
  const auto log = banyan::logger{e.service}.of(ctx.caller_context()->trace);
  const bool begins = e.why == breaker_event_kind::tripped && e.before == breaker_state::closed;
  if (begins) log.warning("the acquirer fails: card payments wait, and the orders that need them");
  if (e.why != breaker_event_kind::recovered) co_return banyan::done{};
  const auto report = co_await ctx.ask<payments_api, get_payments_report>();
  if (!report) co_return report.error();
  log.info("the acquirer is back: payments that wait are taken up again", {{"waiting", report->waiting}});
  co_return banyan::done{};
}

}  // namespace shop::payments
