#include "saga_example.hpp"

using namespace compile_fail;

durable<result<booked>> run(saga_context<bookings_api> ctx, const wish&) {
#ifdef FIXED
  auto woken = co_await ctx.timer(15min);
#else
  auto woken = co_await ctx.timer(15);
#endif
  if (!woken) co_return woken.error();
  co_return booked{"late"};
}
