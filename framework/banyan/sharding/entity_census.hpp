// How many entities of one aggregate are active on a node, counted over all its shards: what the limit of sharded<...>::max_entities is kept by,
// and when memory is given back after many were passivated. Thread-safe; shared by the shards, each of which counts its own.
//
// "Staying" are those active that were not asked to passivate. Only they count against the limit: one that was asked is passivated as soon as it is idle.
#pragma once

#include <atomic>
#include <cstdint>

namespace banyan {

class entity_census {
 public:
  static constexpr std::int64_t many = 1'000;  // passivated since memory was last given back

  void activated() noexcept { add(active_, 1), add(staying_, 1); }
  void asked_to_passivate() noexcept { add(staying_, -1); }
  void stays() noexcept { add(staying_, 1); }  // it was asked, and is needed again
  void passivated() noexcept { add(active_, -1), add(gone_, 1); }
  // A shard's end takes all of its entities with it.
  void shard_ended(std::int64_t active, std::int64_t staying) noexcept { add(active_, -active), add(staying_, -staying), add(gone_, active); }

  std::int64_t active() const noexcept { return active_.load(std::memory_order_relaxed); }
  std::int64_t staying() const noexcept { return staying_.load(std::memory_order_relaxed); }

  // True for one shard at a time: it is to give memory back in a while, and then says so.
  bool takes_memory_duty() noexcept { return gone_.load(std::memory_order_relaxed) >= many && !on_duty_.exchange(true); }
  void leaves_memory_duty() noexcept { gone_ = 0, on_duty_ = false; }

 private:
  static void add(std::atomic<std::int64_t>& count, std::int64_t n) noexcept { count.fetch_add(n, std::memory_order_relaxed); }
  std::atomic<std::int64_t> active_{0}, staying_{0}, gone_{0};
  std::atomic<bool> on_duty_{false};
};

}  // namespace banyan
