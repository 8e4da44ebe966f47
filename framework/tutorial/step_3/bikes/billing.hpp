// The subscription's handler: whoever returns a bike is charged for the ride.
#pragma once

#include <bikes/api.hpp>

#include <banyan/actor/task.hpp>
#include <banyan/service/context.hpp>

namespace bikes {

using billing_context = banyan::context<bikes_api>;

banyan::task<banyan::result<banyan::done>> bill_ride(billing_context ctx, const bike_returned& e);

}  // namespace bikes
