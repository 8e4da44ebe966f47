// What is told of a view that is built on this node: its line on /readyz, its metrics, and its parked streams.
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/cqrs/running_view.hpp>
#include <banyan/observability/health.hpp>
#include <banyan/observability/metrics.hpp>

#include <memory>
#include <string>
#include <vector>

namespace banyan {

// `waiting` while it is more than `max_lag` events behind the journal's head, stands still, is built anew, waits for its journal or its store
// (a full disk, a lock), or its store is damaged or has answered nothing for some seconds; `degraded` while it holds streams back or is
// overloaded.
health_line health_of(const running_view& v, position max_lag);

// banyan_view_*, banyan_projection_*. Both must live as long as `m`.
void count(const running_view& v, metrics_registry& m);

// {"parked":[{"view":...,"stream":...,"position":7,"reason":...}],"streams":1}: at most view_progress::listed streams of each view, and how many
// there are in all.
std::string parked_page_of(const std::vector<std::shared_ptr<const running_view>>& views);

}  // namespace banyan
