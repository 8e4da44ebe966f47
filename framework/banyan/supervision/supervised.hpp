// `supervised{.strategy = restart::rest_for_one}`: how the parts of a service are kept running. A service that does not say gets the defaults
// written here: each part on its own, with back-off, for ever.
//
// The parts are the service's own (shards, handlers, projections, subscriptions), in phase order; rest_for_one and one_for_all go by it.
#pragma once

#include <banyan/plan/plan.hpp>
#include <banyan/supervision/policy.hpp>

#include <string>

namespace banyan {

// What the runtime reads: `plan.all<supervisor_spec>()`, none or one.
struct supervisor_spec {
  supervision_policy policy;
  timespan shutdown = std::chrono::seconds{5};  // of each part
  int stash_limit = 1000;                       // the same: messages kept while it is down
};

struct supervised {
  restart strategy = restart::one_for_one;
  std::optional<backoff_policy> backoff = backoff_policy{};   // no_backoff: at once, and `limit` is 5 in 10 s unless set
  std::optional<intensity> limit = {};
  timespan shutdown = std::chrono::seconds{5};
  int stash_limit = 1000;                                     // requests that wait for a part's restart; more are answered `restarting`

  void contribute(plan& p) const;
};

}  // namespace banyan
