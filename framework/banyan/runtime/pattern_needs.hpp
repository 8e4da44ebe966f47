// What patterns need of each other before a node can start them: asked by `check`, and by the node itself before it opens anything.
#pragma once

#include <banyan/plan/plan.hpp>

#include <vector>

namespace banyan {

// Every one that is not met: an event-sourced aggregate that no pattern places, a query side of a view that nobody builds.
std::vector<problem> check_needs(const application& app);

}  // namespace banyan
