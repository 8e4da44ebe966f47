// Orders: placed, filled from stock, confirmed or cancelled; order history and the sales report.
#pragma once

#include <banyan/plan/plan.hpp>

namespace shop::orders {

banyan::plan describe();

}  // namespace shop::orders
