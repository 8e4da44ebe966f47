// banyan: file ambassador
// An operation that asks another service, through its ambassador.
#pragma once

#include <services/moorings/api.hpp>
#include <services/pilots/api.hpp>

#include <banyan/actor/task.hpp>
#include <banyan/service/context.hpp>

namespace harbour::moorings {

banyan::task<banyan::result<mooring_check>> review(banyan::context<pilots::pilots_api> ctx, const review_mooring& m);

}  // namespace harbour::moorings
