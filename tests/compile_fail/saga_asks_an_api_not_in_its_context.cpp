#include "saga_example.hpp"

using namespace compile_fail;

#ifdef FIXED
durable<result<booked>> run(saga_context<bookings_api> ctx, const wish& m) {
#else
durable<result<booked>> run(saga_context<payments_api> ctx, const wish& m) {
#endif
  co_return co_await ctx.ask<bookings_api, book>(m.name);
}
