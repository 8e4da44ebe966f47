// banyan: file pub_sub
// The subscription: what was placed is confirmed. It may be given an event twice; its command has the same id then.
#pragma once

#include <services/moorings/api.hpp>
#include <services/moorings/events.hpp>

#include <banyan/actor/task.hpp>
#include <banyan/service/context.hpp>

namespace harbour::moorings {

// A service may ask its own operations without an ambassador.
using own_context = banyan::context<moorings_api>;

banyan::task<banyan::result<banyan::done>> confirm_placed(own_context ctx, const mooring_placed& e);

}  // namespace harbour::moorings
