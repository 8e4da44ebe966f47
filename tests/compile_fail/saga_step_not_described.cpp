#include "saga_example.hpp"

using namespace compile_fail;

struct ring {
  using reply = booked;
  std::string name;
};
#ifdef FIXED
BOOST_DESCRIBE_STRUCT(ring, (), (name))
#endif
struct bell_api {
  static constexpr std::string_view name = "bell";
  using operations = banyan::operations<op<ring, idempotent::by_key>>;
};
durable<result<booked>> run(saga_context<bell_api> ctx, const wish& m) {
  co_return co_await ctx.ask<bell_api, ring>(m.name);
}
