// Metrics of a node as a whole, updated when they are read: actors and journal. Patterns register their own.
#pragma once

#include <banyan/actor/system.hpp>
#include <banyan/journal/journal.hpp>
#include <banyan/observability/metrics.hpp>

namespace banyan {

// The second argument must outlive `m`.
void count_actors(metrics_registry& m, const actor_system& system);
void count_journal(metrics_registry& m, const journal& j);

}  // namespace banyan
