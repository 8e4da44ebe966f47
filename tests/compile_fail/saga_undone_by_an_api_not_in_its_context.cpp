#include "saga_example.hpp"

using namespace compile_fail;

#ifdef FIXED
durable<result<booked>> run(saga_context<bookings_api, payments_api> ctx, const wish& m) {
  co_return co_await ctx.ask<bookings_api, book>(m.name).undone_by<bookings_api, book>(m.name);
#else
durable<result<booked>> run(saga_context<bookings_api> ctx, const wish& m) {
  co_return co_await ctx.ask<bookings_api, book>(m.name).undone_by<payments_api, charge>();
#endif
}
