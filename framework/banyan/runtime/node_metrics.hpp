// What is counted of a node as a whole, put into its metrics whenever somebody reads them: actors and the journal. What patterns count is theirs.
#pragma once

#include <banyan/actor/system.hpp>
#include <banyan/journal/journal.hpp>
#include <banyan/observability/metrics.hpp>

namespace banyan {

// What is counted must live as long as `m`.
void count_actors(metrics_registry& m, const actor_system& system);
void count_journal(metrics_registry& m, const journal& j);

}  // namespace banyan
