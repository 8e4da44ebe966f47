// banyan: file saga
#include <services/moorings/mooring_arrangement.hpp>

namespace harbour::moorings {

banyan::durable<arranged> arrange(arrangement_context ctx, const arrange_mooring& m) {
  // An operation that takes this step back, when there is one, goes behind it: .undone_by<moorings_api, ...>(m.id). It
  // is asked when the saga ends with an error.
  auto placed = co_await ctx.ask<moorings_api, place_mooring>(m.id, m.note);
  if (!placed) co_return placed.error();
  ctx.status("waiting");
  co_await ctx.timer(confirmed_after);  // the program may stop meanwhile
  co_return co_await ctx.ask<moorings_api, confirm_mooring>(m.id);
}

}  // namespace harbour::moorings
