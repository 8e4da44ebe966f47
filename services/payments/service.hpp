// Payments: an order's money is taken by the card acquirer, and paid back.
#pragma once

#include <banyan/plan/plan.hpp>

namespace shop::payments {

banyan::plan describe();

}  // namespace shop::payments
