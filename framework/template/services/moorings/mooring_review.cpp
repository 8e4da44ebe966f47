// banyan: file ambassador
#include <services/moorings/mooring_review.hpp>

#include <services/moorings/mooring_check.hpp>

namespace harbour::moorings {

banyan::task<banyan::result<mooring_check>> review(peer_context ctx, const review_mooring& m) {
  if (auto checked = check_text(m.id, m.note); !checked) co_return mooring_check{false, checked.error().message};
  auto theirs = co_await ctx.ask<peer_api, peer_check>(m.id, m.note);
  if (!theirs) co_return theirs.error();
  co_return mooring_check{theirs->accepted, theirs->reason};
}

}  // namespace harbour::moorings
