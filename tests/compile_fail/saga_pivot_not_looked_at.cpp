#include "saga_example.hpp"

using namespace compile_fail;

durable<result<booked>> run(saga_context<bookings_api> ctx, const wish& m) {
#ifdef FIXED
  if (auto stands = ctx.pivot(); !stands) co_return stands.error();
#else
  ctx.pivot();
#endif
  co_return co_await ctx.ask<bookings_api, book>(m.name);
}
