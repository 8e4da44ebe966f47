// `supervised{.strategy = restart::rest_for_one}`: the supervision policy of a service. The defaults below also
// apply to a service without it: each part is restarted alone, with back-off, without a limit.
//
// The parts are the service's own (shards, handlers, projections, subscriptions), in phase order, which is the order
// for rest_for_one and one_for_all.
#pragma once

#include <banyan/plan/plan.hpp>
#include <banyan/supervision/policy.hpp>

#include <string>

namespace banyan {

// What the runtime reads: `plan.all<supervisor_spec>()`, none or one.
struct supervisor_spec {
  supervision_policy policy;
  timespan shutdown = std::chrono::seconds{5};  // per part
  int stash_limit = 1000;                       // per part: messages kept while it is down
};

struct supervised {
  restart strategy = restart::one_for_one;
  // no_backoff: restart at once, `limit` is 5 in 10 s unless set.
  std::optional<backoff_policy> backoff = backoff_policy{};
  std::optional<intensity> limit = {};
  timespan shutdown = std::chrono::seconds{5};
  int stash_limit = 1000;  // requests waiting for a part's restart; more are answered `restarting`

  void contribute(plan& p) const;
};

}  // namespace banyan
