// What an outage of the acquirer means for the shop, told in the log: from when card payments wait, and how many are
// taken up when the acquirer is asked again.
#pragma once

#include <services/payments/api.hpp>

#include <banyan/actor/task.hpp>
#include <banyan/ambassador/breaker_changed.hpp>
#include <banyan/service/context.hpp>

namespace shop::payments {

// A listener to the circuit breakers of the node.
banyan::task<banyan::result<banyan::done>> tell_of_outage(banyan::context<payments_api> ctx,
                                                          const banyan::breaker_changed& e);

}  // namespace shop::payments
