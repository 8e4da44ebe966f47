// What a node makes of what becomes of a service's parts: metrics for each, a line in the log for what should not happen, and their
// addresses kept up to date for those who send to them.
//
//   banyan_child_restarts_total{supervisor="orders",child="shard.order.*"}
//
// Numbered parts of one kind share their metrics, as they share a line of the topology.
#pragma once

#include <banyan/actor/live_address.hpp>
#include <banyan/observability/metrics.hpp>
#include <banyan/supervision/supervisor.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace banyan {

using part_addresses = std::map<std::string, std::shared_ptr<live_address>, std::less<>>;

// For the supervisor of this name and its next incarnations. `where` need not have all children. `m` must live as long as they do.
supervision_hooks watch_parts(const std::string& supervisor, const std::vector<child_spec>& children, part_addresses where,
                              metrics_registry& m, std::function<void(const error& cause)> gave_up);

}  // namespace banyan
