// A non-blocking counting semaphore: limits how many of something are in progress. Destroying a slot releases it.
//
//   slots under_way{64};
//   auto slot = under_way.take();
//   if (!slot) return refuse();      // 64 are taken
//
// Thread-safe. Must outlive its slots.
#pragma once

#include <atomic>
#include <optional>
#include <utility>

namespace banyan {

class slots {
 public:
  // 0 or less: no limit.
  explicit slots(int limit) : limit_{limit} {}

  class slot {
   public:
    explicit slot(slots& of) : of_{&of} {}
    slot(slot&& other) noexcept : of_{std::exchange(other.of_, nullptr)} {}
    slot& operator=(slot other) noexcept {
      std::swap(of_, other.of_);
      return *this;
    }
    ~slot() {
      if (of_) of_->taken_.fetch_sub(1, std::memory_order_relaxed);
    }

   private:
    slots* of_;
  };

  std::optional<slot> take() {
    if (taken_.fetch_add(1, std::memory_order_relaxed) < limit_ || limit_ <= 0) return std::optional<slot>{std::in_place, *this};
    taken_.fetch_sub(1, std::memory_order_relaxed);
    return std::nullopt;
  }
  int taken() const { return taken_.load(std::memory_order_relaxed); }

 private:
  int limit_;
  std::atomic<int> taken_{0};
};

}  // namespace banyan
