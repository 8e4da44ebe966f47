// A subscription running on this node: its lines of /healthz and /readyz, and its metrics.
#pragma once

#include <banyan/actor/actor_ref.hpp>
#include <banyan/observability/health.hpp>
#include <banyan/observability/metrics.hpp>
#include <banyan/pub_sub/delivery_store.hpp>
#include <banyan/pub_sub/subscription.hpp>

#include <memory>
#include <string>
#include <vector>

namespace banyan {

struct running_subscription {
  std::string topic, group;
  std::shared_ptr<subscription_progress> progress;
  std::shared_ptr<delivery_store> store;
  std::shared_ptr<actor_ref> actor = {};
};

// Dead: its own file is damaged.
void add_liveness(const running_subscription& s, std::vector<health_line>& out);
// Degraded: it has dead letters, or waits and retries. Waiting: it needs an operator, or its file was removed.
void add_readiness(const running_subscription& s, std::vector<health_line>& out);

// Registers banyan_subscription_*. `m` must not outlive the progress.
void count(const running_subscription& s, metrics_registry& m);

}  // namespace banyan
