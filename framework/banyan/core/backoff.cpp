#include <banyan/core/backoff.hpp>

#include <algorithm>
#include <cmath>

namespace banyan {

nanoseconds backoff::next(monotonic now, random_source& random) {
  if (failures_ > 0 && now - resumes_ >= policy_.quiet.count()) failures_ = 0;
  ++failures_;
  nanoseconds wait = policy_.first.count();
  if (failures_ > 1) {
    auto nominal = static_cast<double>(policy_.min.count().count()) * std::pow(2.0, std::min(failures_ - 2, 40));
    nominal = std::min(nominal, static_cast<double>(policy_.max.count().count()));
    auto draw = static_cast<double>(random.next() >> 11) * 0x1.0p-53;  // [0, 1)
    wait = nanoseconds{static_cast<std::int64_t>(nominal * (1.0 - policy_.jitter + 2.0 * policy_.jitter * draw))};
  }
  resumes_ = add_saturating(now, wait);
  return wait;
}

}  // namespace banyan
