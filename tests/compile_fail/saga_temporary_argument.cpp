#include "saga_example.hpp"

using namespace compile_fail;

durable<result<booked>> run(saga_context<bookings_api> ctx, const wish& m) {
#ifdef FIXED
  const money price{1999, "GBP"};
  co_return co_await ctx.ask<bookings_api, pay>(m.name, price);
#else
  co_return co_await ctx.ask<bookings_api, pay>(m.name, money{1999, "GBP"});
#endif
}
