// The health line, metrics and parked streams of a view built on this node.
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/cqrs/running_view.hpp>
#include <banyan/observability/health.hpp>
#include <banyan/observability/metrics.hpp>

#include <memory>
#include <string>
#include <vector>

namespace banyan {

// `waiting` while the view is more than `max_lag` events behind the journal's head, stalled, rebuilding, waiting for
// its journal or store (a full disk, a lock), or its store is damaged or has answered nothing for 3 s; `degraded`
// while streams are parked or the store is overloaded.
health_line health_of(const running_view& v, position max_lag);

// Registers banyan_view_* and banyan_projection_*. `v` must live as long as `m`.
void count(const running_view& v, metrics_registry& m);

// {"parked":[{"view":...,"stream":...,"position":7,"reason":...}],"streams":1}: at most view_progress::listed
// streams of each view, and their total number.
std::string parked_page_of(const std::vector<std::shared_ptr<const running_view>>& views);

}  // namespace banyan
