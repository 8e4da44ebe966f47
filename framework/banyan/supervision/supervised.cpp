#include <banyan/supervision/supervised.hpp>

namespace banyan {

void supervised::contribute(plan& p) const {
  auto spec = p.add<supervisor_spec>("supervised", p.service(), phase::supervision);
  spec->policy = {strategy, backoff, limit};
  if (!backoff && !limit) spec->policy.limit = intensity{};
  spec->shutdown = shutdown;
  spec->stash_limit = stash_limit;
  spec.fact("strategy", std::string{to_string(strategy)}).option("shutdown", &supervisor_spec::shutdown)
      .option("stash_limit", &supervisor_spec::stash_limit, {.min = 0, .max = 1'000'000});
  spec.read_by("the node");
  const backoff_policy usual;
  if (auto& b = spec->policy.backoff)
    spec.option("backoff.first", b->first, usual.first)
        .option("backoff.min", b->min, usual.min)
        .option("backoff.max", b->max, usual.max)
        .option("backoff.jitter", b->jitter, usual.jitter, {.max = 1})
        .option("backoff.quiet", b->quiet, usual.quiet);
  else
    spec.fact("backoff", "none");
  const intensity usual_limit;
  if (auto& l = spec->policy.limit)
    spec.option("limit.restarts", l->restarts, usual_limit.restarts).option("limit.within", l->within, usual_limit.within, {.min = 0.001});

  p.rule([](const plan& whole, std::vector<problem>& problems) {
    for (auto& [item, s] : whole.all<supervisor_spec>())
      for (auto& sentence : check(s->policy, {})) problems.push_back({item_path(whole, *item), sentence});
  });
}

}  // namespace banyan
