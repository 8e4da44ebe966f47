#include <bikes/billing.hpp>

namespace bikes {

banyan::task<banyan::result<banyan::done>> bill_ride(billing_context ctx, const bike_returned& e) {
  auto charged = co_await ctx.ask<bikes_api, charge_ride>(e.rider, e.minutes);
  if (!charged) co_return charged.error();  // the event is delivered again
  co_return banyan::done{};                 // dealt with
}

}  // namespace bikes
