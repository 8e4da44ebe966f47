// The outstanding calls of an actor: a slab indexed by (slot, generation), and a hashed timing wheel for the
// deadlines (Varghese and Lauck, 1987). Adding, answering and expiring a call are O(1) in the number of calls,
// unlike CAF's request, which searches. Pure: time is passed in.
//
// Most actors have few calls, so the wheel is allocated only when a table has had more than `few` at once; before
// that the deadlines are searched linearly.
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
  // Receives the answer. Not owned by the table.
  class waiter;

  static constexpr nanoseconds resolution = std::chrono::milliseconds{4};
  static constexpr std::size_t few = 8;

  explicit call_table(monotonic now);

  // Registers a call and returns its id. A `deadline` of monotonic::max() never expires.
  std::uint64_t add(waiter& w, monotonic deadline);
  // Removes call `id` and returns its waiter; nullptr when it was answered, expired or cancelled before.
  waiter* take(std::uint64_t id) noexcept;
  // Removes one call whose deadline is at or before `now` and returns its waiter; nullptr when none is left.
  waiter* take_expired(monotonic now);
  // A lower bound of the next expiry; monotonic::max() when no call has a deadline. For deadlines more than one turn
  // of the wheel (about a second) away it may be early: look again then. Call it after take_expired() returned
  // nullptr.
  monotonic next_expiry() const;
  // Removes every call; their ids are never reused.
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
  std::uint32_t earliest() const noexcept;  // without a wheel: the entry with the earliest deadline, or `none`
  void release();

  monotonic start_;
  std::int64_t swept_ = 0;  // all earlier ticks have no calls left
  std::vector<entry> entries_;
  std::uint32_t free_ = none;
  std::uint32_t first_generation_ = 1;  // for entries created from now on
  std::size_t live_ = 0, timed_ = 0;
  using wheel = std::array<std::uint32_t, wheel_size>;
  std::unique_ptr<wheel> wheel_;  // null: at most `few` entries
};

}  // namespace banyan
