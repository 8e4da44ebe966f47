#include <banyan/ambassador/latency_quantile.hpp>

#include <banyan/ambassador/ticks.hpp>

#include <algorithm>

namespace banyan {

using detail::ticks;

namespace {
constexpr int values_per_window = 64;
}  // namespace

latency_quantile::latency_quantile(latency_quantile_options options, monotonic now)
    : options_{options}, half_ends_{ticks(add_saturating(now, options.window.count() / 2))} {}

void latency_quantile::record(nanoseconds latency, monotonic now) {
  if (ticks(now) >= half_ends_.load(std::memory_order_relaxed)) rotate(now);
  halves_[current_.load(std::memory_order_relaxed)].add(latency);
}

std::optional<nanoseconds> latency_quantile::value(monotonic now) const {
  if (ticks(now) >= half_ends_.load(std::memory_order_relaxed)) rotate(now);
  if (ticks(now) >= compute_at_.load(std::memory_order_relaxed)) compute(now);
  const auto v = value_.load(std::memory_order_relaxed);
  if (v == 0) return {};
  return nanoseconds{v};
}

// A thread that finds another one at it goes on with what there is.
void latency_quantile::rotate(monotonic now) const {
  const std::unique_lock lock{mutex_, std::try_to_lock};
  if (!lock) return;
  const auto half = std::max<std::int64_t>(options_.window.count().count() / 2, 1);
  const auto ends = half_ends_.load(std::memory_order_relaxed);
  if (ticks(now) < ends) return;
  const int next = 1 - current_.load(std::memory_order_relaxed);
  halves_[next].clear();
  const bool idle = ticks(now) - ends >= half;  // the other half is too old as well
  if (idle) halves_[1 - next].clear();
  current_.store(next, std::memory_order_relaxed);
  half_ends_.store(idle ? ticks(add_saturating(now, nanoseconds{half})) : ends + half, std::memory_order_relaxed);
  compute_at_.store(ticks(now), std::memory_order_relaxed);
}

void latency_quantile::compute(monotonic now) const {
  const std::unique_lock lock{mutex_, std::try_to_lock};
  if (!lock || ticks(now) < compute_at_.load(std::memory_order_relaxed)) return;
  latency_histogram::counts sum{};
  for (const auto& half : halves_) half.add_to(sum);
  std::int64_t calls = 0;
  for (const auto each : sum) calls += each;
  value_.store(calls < options_.min_calls ? 0 : latency_histogram::quantile_of(sum, options_.quantile).count(),
               std::memory_order_relaxed);
  // A first value is looked for more often than a later one is refreshed: nothing is hedged without it.
  const auto wait = options_.window.count() / values_per_window / (calls < options_.min_calls ? 16 : 1);
  compute_at_.store(ticks(add_saturating(now, wait)), std::memory_order_relaxed);
}

}  // namespace banyan
