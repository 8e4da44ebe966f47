#include <banyan/ambassador/adaptive_limit.hpp>

#include <banyan/ambassador/ticks.hpp>

#include <algorithm>
#include <cmath>

namespace banyan {

using detail::ticks;

namespace {

constexpr double no_queue = 1.6;       // latency of a callee that is not overloaded, in baselines
constexpr double short_queue = 0.8;     // ... to which the limit is lowered, in tolerances
constexpr int lasting = 3;              // windows in a row with a queue, of which the last lowers the limit
constexpr int given_up_after = 8;       // windows of a verification

double ratio(nanoseconds a, nanoseconds b) { return static_cast<double>(a.count()) / static_cast<double>(b.count()); }
nanoseconds scaled(nanoseconds t, double by) {
  return nanoseconds{static_cast<std::int64_t>(static_cast<double>(t.count()) * by)};
}

}  // namespace

// The first window ends with its calls, not with its time: a baseline is best seen before the load has risen.
adaptive_limit::adaptive_limit(adaptive_limit_options options, monotonic now)
    : options_{options}, limit_{std::max(options.max, 1)}, window_ends_{ticks(now)}, window_began_{now} {}

nanoseconds adaptive_limit::baseline() const {
  const std::lock_guard lock{mutex_};
  return base_.median;
}

std::optional<int> adaptive_limit::record(nanoseconds latency, int in_flight, monotonic now) {
  // What began under a higher limit has waited in the queue of that.
  if (ticks(now - latency) < counts_from_.load(std::memory_order_relaxed)) return {};
  window_.add(latency);
  for (int peak = peak_.load(std::memory_order_relaxed);
       in_flight > peak && !peak_.compare_exchange_weak(peak, in_flight, std::memory_order_relaxed);) {}
  if (calls_.fetch_add(1, std::memory_order_relaxed) + 1 < options_.min_calls) return {};
  if (ticks(now) < window_ends_.load(std::memory_order_relaxed)) return {};

  const std::unique_lock lock{mutex_, std::try_to_lock};
  if (!lock || ticks(now) < window_ends_.load(std::memory_order_relaxed)) return {};
  if (calls_.load(std::memory_order_relaxed) < options_.min_calls) return {};
  latency_histogram::counts counts{};
  window_.add_to(counts);
  window_.clear();
  const auto seconds = std::chrono::duration<double>(std::max(now - window_began_, nanoseconds{1})).count();
  const auto rate = calls_.exchange(0, std::memory_order_relaxed) / seconds;
  window_began_ = now;
  window_ends_.store(ticks(add_saturating(now, options_.window)), std::memory_order_relaxed);
  const int before = limit();
  const int next = conclude({.median = latency_histogram::quantile_of(counts, 0.5),
                             .low = latency_histogram::quantile_of(counts, 0.1),
                             .peak = peak_.exchange(0, std::memory_order_relaxed),
                             .rate = rate},
                            now);
  limit_.store(next, std::memory_order_relaxed);
  if (next == before) return {};
  return next;
}

bool adaptive_limit::shows_queue(const measurement& m) const {
  return m.median > scaled(base_.median, options_.tolerance) && m.low > scaled(base_.low, options_.tolerance);
}

int adaptive_limit::at_most(double limit) const {
  return std::clamp(static_cast<int>(limit), std::max(options_.min, 1), std::max({options_.min, options_.max, 1}));
}

// The next limit.
int adaptive_limit::conclude(const measurement& m, monotonic now) {
  if (base_.peak == 0) {
    base_ = m;
    return limit();
  }
  if (before_.peak > 0) {
    // Of the first window's calls only the short ones have ended.
    if (++windows_since_ < 2) return limit();
    const double kept = static_cast<double>(m.peak) / before_.peak;
    const bool fell = kept <= 0.8;
    if (!fell && windows_since_ < given_up_after && shows_queue(m)) return limit();
    // With a queue the callee does as much as before; without one the lower limit has cost throughput.
    if (fell && shows_queue(m) && m.rate < before_.rate * (1 + kept) / 2) {
      base_ = {m.median, m.low, before_.peak, m.rate};
      before_ = {};
      queues_ = 0;
      return limit_before_;
    }
    before_ = {};
    queues_ = lasting - 1;  // it was a queue: what is left of it needs no more evidence
  }
  if (shows_queue(m)) {
    if (++queues_ < lasting) return limit();
    queues_ = 0;
    const double wanted = m.peak * short_queue * options_.tolerance / ratio(m.median, base_.median);
    const int next = std::min(limit(), at_most(std::max(wanted, m.peak / 2.0)));
    if (next < limit()) {
      before_ = m;
      limit_before_ = limit();
      windows_since_ = 0;
      counts_from_.store(ticks(now), std::memory_order_relaxed);
    }
    return next;
  }
  queues_ = 0;
  learn(m);
  const bool used_up = m.peak >= limit() * 4 / 5;
  if (!used_up || m.median > scaled(base_.median, no_queue)) return limit();
  return at_most(limit() + std::max(1.0, std::sqrt(limit())));
}

void adaptive_limit::learn(const measurement& m) {
  const auto approach = [](nanoseconds& base, nanoseconds seen, double by) { base += scaled(seen - base, by); };
  if (m.median <= scaled(base_.median, no_queue)) base_.peak = std::max(base_.peak, m.peak);
  const bool half_idle = m.peak <= base_.peak / 2;
  for (auto part : {&measurement::median, &measurement::low})
    if (m.*part < base_.*part) approach(base_.*part, m.*part, 0.2);
    else if (half_idle) approach(base_.*part, m.*part, 0.1);
}

}  // namespace banyan
