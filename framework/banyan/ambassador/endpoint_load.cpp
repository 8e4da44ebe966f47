#include <banyan/ambassador/endpoint_load.hpp>

#include <algorithm>
#include <bit>
#include <cmath>

namespace banyan {

namespace {

constexpr int tick_bits = 20;  // a tick is 2^20 ns, and 2^32 ticks are 52 days
constexpr double penalty = 1e18;  // of a second call to an endpoint that has not answered yet

std::uint32_t tick_of(monotonic t) { return static_cast<std::uint32_t>(t.time_since_epoch().count() >> tick_bits); }
float latency_of(std::uint64_t state) { return std::bit_cast<float>(static_cast<std::uint32_t>(state >> 32)); }
std::uint64_t pack(float latency, std::uint32_t tick) {
  return (std::uint64_t{std::bit_cast<std::uint32_t>(latency)} << 32) | tick;
}

// 0 for a time that lies before the observation: threads read the clock before they come here.
std::uint32_t ticks_since(std::uint64_t state, std::uint32_t now) {
  const auto since = now - static_cast<std::uint32_t>(state);
  return since < (std::uint32_t{1} << 31) ? since : 0;
}

}  // namespace

peak_ewma::peak_ewma(timespan decay)
    : per_tick_{static_cast<double>(1 << tick_bits) /
                static_cast<double>(std::max<std::int64_t>(decay.count().count(), 1))} {}

void peak_ewma::observe(nanoseconds latency, monotonic now) {
  const auto tick = tick_of(now);
  const auto seen = static_cast<float>(std::max<std::int64_t>(latency.count(), 1));
  auto state = state_.load(std::memory_order_relaxed);
  while (true) {
    const float old = latency_of(state);
    const auto since = ticks_since(state, tick);
    if (seen < old && since == 0) return;
    float value = seen;
    if (seen < old) {
      const auto weight = static_cast<float>(std::exp(-per_tick_ * since));
      value = old * weight + seen * (1 - weight);
    }
    if (state_.compare_exchange_weak(state, pack(value, tick), std::memory_order_relaxed)) return;
  }
}

nanoseconds peak_ewma::value(monotonic now) const {
  const auto state = state_.load(std::memory_order_relaxed);
  const auto since = ticks_since(state, tick_of(now));
  const double latency = latency_of(state);
  if (since == 0 || latency == 0) return nanoseconds{static_cast<std::int64_t>(latency)};
  return nanoseconds{std::max<std::int64_t>(static_cast<std::int64_t>(latency * std::exp(-per_tick_ * since)), 1)};
}

double endpoint_load::cost(monotonic now) const {
  const auto known = latency_.value(now);
  const auto calls = in_flight();
  if (known == nanoseconds{0}) return calls <= 0 ? 0 : penalty * calls;
  return static_cast<double>(known.count()) * (calls + 1);
}

}  // namespace banyan
