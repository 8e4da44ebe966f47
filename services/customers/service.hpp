// Customer profiles.
#pragma once

#include <banyan/plan/plan.hpp>

namespace shop::customers {

banyan::plan describe();

}  // namespace shop::customers
