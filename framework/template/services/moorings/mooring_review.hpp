// banyan: file ambassador
// An operation that asks another service, through its ambassador.
#pragma once

#include <services/moorings/api.hpp>

#include <services/pilots/api.hpp>

#include <banyan/actor/task.hpp>
#include <banyan/service/context.hpp>

namespace harbour::moorings {

using peer_api = pilots::pilots_api;
using peer_check = pilots::check_pilot;
using peer_context = banyan::context<peer_api>;

banyan::task<banyan::result<mooring_check>> review(peer_context ctx, const review_mooring& m);

}  // namespace harbour::moorings
