// Stock per SKU, never below zero, and the report that compares it with what was sold.
#pragma once

#include <banyan/plan/plan.hpp>

namespace shop::inventory {

banyan::plan describe();

}  // namespace shop::inventory
