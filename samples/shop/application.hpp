// The services of the shop.
#pragma once

#include <banyan/plan/plan.hpp>

namespace shop {

banyan::application describe();

}  // namespace shop
