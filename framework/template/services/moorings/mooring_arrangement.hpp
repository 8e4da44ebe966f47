// banyan: file saga
// The saga: a function that goes on where it was after a crash. It places, waits, and confirms.
#pragma once

#include <services/moorings/api.hpp>

#include <banyan/saga/context.hpp>
#include <banyan/saga/durable.hpp>

#include <chrono>

namespace harbour::moorings {

// A service may ask its own operations without an ambassador.
using arrangement_context = banyan::saga_context<moorings_api>;

// The wait between its two steps, in which it may be cancelled: `harbour sagas cancel ID --because WHY`.
inline constexpr std::chrono::seconds confirmed_after{5};

using arranged = banyan::result<mooring_record>;

banyan::durable<arranged> arrange(arrangement_context ctx, const arrange_mooring& m);

}  // namespace harbour::moorings
