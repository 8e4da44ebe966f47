#include <banyan/ambassador/refusal_summary.hpp>

namespace banyan {

std::uint64_t refusal_summary::add(std::uint64_t total, monotonic now) noexcept {
  auto due = due_.load(std::memory_order_relaxed);
  if (now < due || !due_.compare_exchange_strong(due, add_saturating(now, every_), std::memory_order_relaxed)) return 0;
  // A thread that was held up between the two may come after a later summary, which has counted its calls.
  auto reported = reported_.load(std::memory_order_relaxed);
  while (reported < total)
    if (reported_.compare_exchange_weak(reported, total, std::memory_order_relaxed)) return total - reported;
  return 0;
}

}  // namespace banyan
