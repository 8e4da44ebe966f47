#include "saga_example.hpp"

using namespace compile_fail;

durable<result<booked>> run(saga_context<bookings_api> ctx, const wish&) {
#ifdef FIXED
  auto granted = ctx.event<wish>("granted");
  auto deadline = ctx.timer(15min);
  if (co_await ctx.first(granted, deadline) == 1) co_return booked{"late"};
#else
  if (co_await ctx.first(ctx.event<wish>("granted"), ctx.timer(15min)) == 1) co_return booked{"late"};
#endif
  co_return booked{"in time"};
}
