#include "saga_example.hpp"

using namespace compile_fail;

durable<result<booked>> run(saga_context<bookings_api>, const wish& m) {
#ifdef FIXED
  co_return booked{m.name};
#else
  co_return m;
#endif
}
