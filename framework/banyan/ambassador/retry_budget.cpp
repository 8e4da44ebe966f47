#include <banyan/ambassador/retry_budget.hpp>

#include <banyan/ambassador/ticks.hpp>

#include <algorithm>

namespace banyan {

using detail::ticks;

namespace {

constexpr std::uint64_t one(extra_attempt kind) {
  return kind == extra_attempt::retry ? 1 : std::uint64_t{1} << 32;
}
constexpr std::int64_t retries_of(std::uint64_t extras) { return static_cast<std::int64_t>(extras & 0xffff'ffff); }
constexpr std::int64_t hedges_of(std::uint64_t extras) { return static_cast<std::int64_t>(extras >> 32); }

}  // namespace

retry_budget::retry_budget(retry_budget_options options, monotonic now)
    : options_{options},
      slot_length_{std::max<std::int64_t>(options.window.count().count() / slots, 1)},
      slot_ends_{ticks(add_saturating(now, nanoseconds{slot_length_}))} {}

void retry_budget::end(monotonic now) {
  advance(now);
  ended_[current_.load(std::memory_order_relaxed)].calls.fetch_add(1, std::memory_order_relaxed);
}

bool retry_budget::take(extra_attempt kind, monotonic now) {
  advance(now);
  const auto calls = static_cast<double>(calls_.load(std::memory_order_relaxed));
  const auto most = std::max<std::int64_t>(static_cast<std::int64_t>(options_.ratio * calls), options_.floor);
  const auto most_hedges = static_cast<std::int64_t>(options_.hedge_ratio * calls);
  auto e = extras_.load(std::memory_order_relaxed);
  do {
    if (retries_of(e) + hedges_of(e) >= most) return false;
    if (kind == extra_attempt::hedge && hedges_of(e) >= most_hedges) return false;
  } while (!extras_.compare_exchange_weak(e, e + one(kind), std::memory_order_relaxed));
  if (kind == extra_attempt::retry) return true;
  // Paced: what was not used in a quiet time is not spent at once when all calls become slow.
  const auto most_in_slot = std::max<std::int64_t>(most_hedges / slots, 1);
  if (hedges_in_slot_.fetch_add(1, std::memory_order_relaxed) < most_in_slot) return true;
  give_back(kind);
  return false;
}

void retry_budget::give_back(extra_attempt kind) { extras_.fetch_sub(one(kind), std::memory_order_relaxed); }

void retry_budget::end_extra(extra_attempt kind, monotonic now) {
  advance(now);
  ended_[current_.load(std::memory_order_relaxed)].extras.fetch_add(one(kind), std::memory_order_relaxed);
}

// What ended in the oldest slot is no longer recent; its slot is the next one. An addition that comes late from another
// thread lands in a slot beside its own, and leaves with that one.
void retry_budget::advance(monotonic now) {
  if (ticks(now) < slot_ends_.load(std::memory_order_relaxed)) return;
  const std::unique_lock lock{mutex_, std::try_to_lock};
  if (!lock) return;
  auto ends = slot_ends_.load(std::memory_order_relaxed);
  for (int n = 0; n < slots && ticks(now) >= ends; ++n) {
    const int next = (current_.load(std::memory_order_relaxed) + 1) % slots;
    calls_.fetch_sub(ended_[next].calls.exchange(0, std::memory_order_relaxed), std::memory_order_relaxed);
    extras_.fetch_sub(ended_[next].extras.exchange(0, std::memory_order_relaxed), std::memory_order_relaxed);
    current_.store(next, std::memory_order_relaxed);
    hedges_in_slot_.store(0, std::memory_order_relaxed);
    ends += slot_length_;
  }
  if (ticks(now) >= ends) ends = ticks(add_saturating(now, nanoseconds{slot_length_}));
  slot_ends_.store(ends, std::memory_order_relaxed);
}

// Calls that end meanwhile may be missed or counted; never a whole slot, which advance() takes away at once.
std::int64_t retry_budget::live() const {
  const std::lock_guard lock{mutex_};
  auto n = calls_.load(std::memory_order_relaxed);
  for (const auto& s : ended_) n -= s.calls.load(std::memory_order_relaxed);
  return std::max<std::int64_t>(n, 0);
}

std::int64_t retry_budget::calls(monotonic now) {
  advance(now);
  return calls_.load(std::memory_order_relaxed);
}

std::int64_t retry_budget::extras(monotonic now) {
  advance(now);
  const auto e = extras_.load(std::memory_order_relaxed);
  return retries_of(e) + hedges_of(e);
}

}  // namespace banyan
