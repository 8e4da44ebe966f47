// What patterns need of each other before a node can start them: asked by `check`, and by the node itself before it opens anything.
#pragma once

#include <banyan/plan/plan.hpp>

#include <vector>

namespace banyan {

// Every one that is not met: an event-sourced aggregate that no pattern places, or more than one; two aggregates of one name
// in a service; a query side of a view that nobody builds, a view that two projections build or two query sides read (its
// store is named after the struct, without its namespace); and what check_topics() finds.
std::vector<problem> check_needs(const application& app);

}  // namespace banyan
