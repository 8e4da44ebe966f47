#include <banyan/ambassador/hedge.hpp>

#include <algorithm>

namespace banyan {

std::optional<nanoseconds> hedge_delay(const hedge_options& options, std::optional<nanoseconds> observed,
                                       idempotent how, timespan remaining) {
  if (options.quantile <= 0 || how == idempotent::never || !observed) return {};
  const auto least = options.min_delay.count();
  const auto delay = std::clamp(*observed, least, std::max(least, options.max_delay.count()));
  if (timespan{delay} >= remaining) return {};
  return delay;
}

}  // namespace banyan
