// The part of `check(application)` that a node runs before it starts anything: needs between patterns (plan_claim),
// the patterns' rules over the whole application, and whether each pattern is run by something.
#pragma once

#include <banyan/plan/plan.hpp>

#include <vector>

namespace banyan {

std::vector<problem> check_needs(const application& app);

}  // namespace banyan
