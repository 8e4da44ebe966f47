#include "saga_example.hpp"

using namespace compile_fail;

durable<result<booked>> run(saga_context<bookings_api> ctx, const wish& m) {
#ifdef FIXED
  co_return co_await ctx.ask<bookings_api, book>(m.name);
#else
  co_return co_await ctx.ask<bookings_api, book>(m);
#endif
}
