// The part of `check(application)` that a node asks before it starts anything: what patterns need of each other (plan_claim), what their own rules
// over the whole application find, and whether anything runs each of them.
#pragma once

#include <banyan/plan/plan.hpp>

#include <vector>

namespace banyan {

std::vector<problem> check_needs(const application& app);

}  // namespace banyan
