#include "saga_example.hpp"

using namespace compile_fail;

#ifdef FIXED
durable<result<booked>> run(saga_context<bookings_api> ctx, const wish& m);
#else
durable<result<booked>> run(saga_context<bookings_api>& ctx, const wish& m);
#endif
auto code = saga_code_of<&run>("bookings.run");
