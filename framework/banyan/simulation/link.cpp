#include <banyan/simulation/link.hpp>

#include <banyan/simulation/seeded_random.hpp>

#include <algorithm>

namespace banyan {

void simulated_link::heal() {
  cut_ = slow_ = reorder_ = {};
  drop_ = duplicate_ = {};
}

std::vector<monotonic> simulated_link::carry(monotonic now, random_source& random) {
  if (now < cut_) {
    ++counts_.cut;
    return {};
  }
  if (now < drop_.until && chance(random, drop_.share)) {
    ++counts_.dropped;
    return {};
  }
  ++counts_.carried;
  std::vector<monotonic> arrivals{arrival(now, random)};
  if (now < duplicate_.until && chance(random, duplicate_.share)) {
    ++counts_.duplicated;
    arrivals.push_back(arrival(now, random));
  }
  return arrivals;
}

monotonic simulated_link::arrival(monotonic now, random_source& random) {
  auto at = now + between(random, usual_.latency_min, usual_.latency_max);
  if (now < slow_) {
    ++counts_.delayed;
    at += between(random, {}, slow_by_);
  }
  if (now < reorder_) {
    constexpr nanoseconds shuffled_within = std::chrono::milliseconds{200};
    at += between(random, {}, shuffled_within);
    if (at < last_) ++counts_.reordered;
    last_ = std::max(last_, at);
  } else {
    last_ = at = std::max(last_, at);
  }
  return at;
}

}  // namespace banyan
