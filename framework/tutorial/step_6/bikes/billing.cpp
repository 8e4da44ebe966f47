#include <bikes/billing.hpp>

namespace bikes {

banyan::task<banyan::result<banyan::done>> bill_ride(billing_context ctx, const bike_returned& e) {
  static_cast<void>(co_await ctx.ask<bikes_api, charge_ride>(e.rider, e.minutes));
  co_return banyan::done{};
}

}  // namespace bikes
