// banyan: file pub_sub
#include <services/moorings/mooring_confirmation.hpp>

namespace harbour::moorings {

banyan::task<banyan::result<banyan::done>> confirm_placed(own_context ctx, const mooring_placed& e) {
  auto confirmed = co_await ctx.ask<moorings_api, confirm_mooring>(e.id);
  if (!confirmed) co_return confirmed.error();  // tried again
  co_return banyan::done{};
}

}  // namespace harbour::moorings
