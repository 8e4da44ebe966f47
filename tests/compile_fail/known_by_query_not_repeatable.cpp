#include "saga_example.hpp"

#include <optional>

using namespace compile_fail;

struct ringing {
  std::string state;
};
BOOST_DESCRIBE_STRUCT(ringing, (), (state))
struct ring {
  using reply = booked;
  std::string name;
};
BOOST_DESCRIBE_STRUCT(ring, (), (name))
struct has_rung {
  using reply = ringing;
  std::string name;
  static has_rung of(const ring& r) { return {r.name}; }
};
BOOST_DESCRIBE_STRUCT(has_rung, (), (name))
std::optional<result<booked>> outcome_of(const ring& r, const ringing& s) {
  if (s.state.empty()) return std::nullopt;
  return booked{r.name};
}
struct bell_api {
  static constexpr std::string_view name = "bell";
#ifdef FIXED
  using operations =
      banyan::operations<op<ring, idempotent::never, banyan::known_by<has_rung, &has_rung::of, &outcome_of>>,
                         op<has_rung, idempotent::always>>;
#else
  using operations =
      banyan::operations<op<ring, idempotent::never, banyan::known_by<has_rung, &has_rung::of, &outcome_of>>,
                         op<has_rung, idempotent::never>>;
#endif
};
durable<result<booked>> run(saga_context<bell_api> ctx, const wish& m) {
  co_return co_await ctx.ask<bell_api, ring>(m.name);
}
