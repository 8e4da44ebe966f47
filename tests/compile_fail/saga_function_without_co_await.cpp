#include "saga_example.hpp"

using namespace compile_fail;

durable<result<booked>> part(saga_context<bookings_api>& ctx);
durable<result<booked>> run(saga_context<bookings_api> ctx, const wish&) {
#ifdef FIXED
  co_return co_await part(ctx);
#else
  part(ctx);
  co_return booked{"forgotten"};
#endif
}
