// Carts: what a customer is about to order.
#pragma once

#include <banyan/plan/plan.hpp>

namespace shop::cart {

banyan::plan describe();

}  // namespace shop::cart
