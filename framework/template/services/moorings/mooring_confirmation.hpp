// banyan: file pub_sub
// The subscription: what was placed is confirmed. It may be given an event twice; its command has the same id then.
#pragma once

#include <services/moorings/api.hpp>
#include <services/moorings/events.hpp>

#include <banyan/actor/task.hpp>
#include <banyan/service/context.hpp>

namespace harbour::moorings {

banyan::task<banyan::result<banyan::done>> confirm_placed(banyan::context<moorings_api> ctx, const mooring_placed& e);

}  // namespace harbour::moorings
