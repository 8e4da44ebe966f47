#include "saga_example.hpp"

using namespace compile_fail;

std::vector<pending<booked>> begin_all(saga_context<bookings_api>& ctx);
durable<result<booked>> run(saga_context<bookings_api> ctx, const wish&) {
#ifdef FIXED
  auto asked = begin_all(ctx);
  auto all = co_await ctx.all(asked);
#else
  auto all = co_await ctx.all(begin_all(ctx));
#endif
  co_return booked{std::to_string(all.size())};
}
