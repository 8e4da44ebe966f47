// The calls an actor waits for: a slab addressed by (slot, generation) and a hashed timing wheel for their deadlines
// (Varghese and Lauck, 1987). Adding, answering and expiring a call are O(1) whatever is outstanding; CAF's own request
// scans and grows. Pure: time is passed in.
//
// Most actors have no call under way, or a few. So the wheel is made only for a table that has had more than `few`
// calls at once; before that the deadlines of those few are simply looked through.
#pragma once

#include <banyan/core/time.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace banyan {

class call_table {
 public:
  // Who waits. The table does not own it.
  class waiter;

  static constexpr nanoseconds resolution = std::chrono::milliseconds{4};
  static constexpr std::size_t few = 8;

  explicit call_table(monotonic now);

  // Registers a call; returns its id. `deadline` = monotonic::max() never expires.
  std::uint64_t add(waiter& w, monotonic deadline);
  // The waiter of `id`, which is thereby forgotten; nullptr when it was answered, expired or cancelled before.
  waiter* take(std::uint64_t id) noexcept;
  // Removes and returns one call whose deadline is at or before `now`, nullptr when none is left.
  waiter* take_expired(monotonic now);
  // No call can expire before this instant; monotonic::max() when none has a deadline. Deadlines that are more than a turn of the wheel
  // (about a second) away may be looked for again after that turn. Call it when take_expired() found nothing more.
  monotonic next_expiry() const;
  // Forgets every call; their ids stay unknown for good.
  void clear() noexcept;
  std::size_t size() const noexcept { return live_; }
  std::size_t capacity() const noexcept { return entries_.capacity(); }
  bool has_wheel() const noexcept { return wheel_ != nullptr; }

 private:
  static constexpr std::uint32_t none = ~0u;
  static constexpr std::uint32_t wheel_size = 256;
  struct entry {
    waiter* who = nullptr;
    std::uint32_t generation = 1;
    std::uint32_t previous = none, next = none;  // of the same wheel slot; `next` also links free entries
    std::int64_t tick = -1;                      // -1: no deadline
  };
  std::int64_t tick_of(monotonic t) const { return (t - start_) / resolution; }
  void link(std::uint32_t index);
  void unlink(std::uint32_t index);
  waiter* remove(std::uint32_t index);
  void make_wheel();
  std::uint32_t earliest() const noexcept;  // of the few; `none` when none has a deadline
  void release();

  monotonic start_;
  std::int64_t swept_ = 0;  // every tick before it has been swept clean
  std::vector<entry> entries_;
  std::uint32_t free_ = none;
  std::uint32_t first_generation_ = 1;  // of entries made from now on
  std::size_t live_ = 0, timed_ = 0;
  using wheel = std::array<std::uint32_t, wheel_size>;
  std::unique_ptr<wheel> wheel_;  // null: its entries are few
};

}  // namespace banyan
