// Turns child lifecycle events of a service's supervisor into metrics, log lines and address updates.
//
//   banyan_child_restarts_total{supervisor="orders",child="shard.order.*"}
//
// Numbered parts of a kind share their metrics, and their line of the topology.
#pragma once

#include <banyan/actor/actor_ref.hpp>
#include <banyan/observability/metrics.hpp>
#include <banyan/supervision/supervisor.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace banyan {

using part_addresses = std::map<std::string, std::shared_ptr<actor_ref>, std::less<>>;

// The hooks for the supervisor of this name and its later incarnations. `where` may omit children. `m` must outlive
// them.
supervision_hooks watch_children(const std::string& supervisor, const std::vector<child_spec>& children, part_addresses where,
                              metrics_registry& m, std::function<void(const error& cause)> gave_up);

}  // namespace banyan
