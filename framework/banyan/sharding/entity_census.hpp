// The number of active entities of an aggregate on a node, over all its shards: enforces sharded<...>::max_entities,
// and decides when free memory is returned to the system after many passivations. Thread-safe; shared by the shards,
// each of which counts its own entities.
//
// Staying: active, and not asked to passivate. Only these count against the limit; the others passivate once they are
// idle.
#pragma once

#include <atomic>
#include <cstdint>

namespace banyan {

class entity_census {
 public:
  static constexpr std::int64_t many = 1'000;  // passivations since memory was last returned

  void activated() noexcept { add(active_, 1), add(staying_, 1); }
  void asked_to_passivate() noexcept { add(staying_, -1); }
  void stays() noexcept { add(staying_, 1); }  // asked to passivate, then needed again
  void passivated() noexcept { add(active_, -1), add(gone_, 1); }
  // The shard has ended, and all its entities with it.
  void shard_ended(std::int64_t active, std::int64_t staying) noexcept {
    add(active_, -active), add(staying_, -staying), add(gone_, active);
  }

  std::int64_t active() const noexcept { return active_.load(std::memory_order_relaxed); }
  std::int64_t staying() const noexcept { return staying_.load(std::memory_order_relaxed); }

  // Elects a shard to return memory to the system after a delay; true for one at a time. It then calls
  // leaves_memory_duty().
  bool takes_memory_duty() noexcept {
    return gone_.load(std::memory_order_relaxed) >= many && !on_duty_.exchange(true);
  }
  void leaves_memory_duty() noexcept { gone_ = 0, on_duty_ = false; }

 private:
  static void add(std::atomic<std::int64_t>& count, std::int64_t n) noexcept {
    count.fetch_add(n, std::memory_order_relaxed);
  }
  std::atomic<std::int64_t> active_{0}, staying_{0}, gone_{0};
  std::atomic<bool> on_duty_{false};
};

}  // namespace banyan
