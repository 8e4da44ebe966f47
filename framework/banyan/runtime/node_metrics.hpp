// What a node counts elsewhere, put into its metrics whenever somebody reads them: actors, the journal, views, subscriptions.
// What happens on the way of a message is counted there and then (request_record, command_meters, query_meters).
#pragma once

#include <banyan/observability/metrics.hpp>

#include <banyan/runtime/node.hpp>

namespace banyan {

// The node and what it counts must live as long as `m`.
void follow(metrics_registry& m, const node& n);

}  // namespace banyan
