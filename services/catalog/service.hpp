// Products, prices and search: many reads, few writes.
#pragma once

#include <banyan/plan/plan.hpp>

namespace shop::catalog {

banyan::plan describe();

}  // namespace shop::catalog
