#include "saga_example.hpp"

using namespace compile_fail;

durable<result<booked>> run(saga_context<bookings_api> ctx, const wish& m);
#ifdef FIXED
auto code = saga_code_of<&run>("bookings.run");
#else
auto code = saga_code_of<[](saga_context<bookings_api> ctx, const wish& m) { return run(ctx, m); }>("bookings.run");
#endif
