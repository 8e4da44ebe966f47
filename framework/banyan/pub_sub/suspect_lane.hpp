// The quarantine lane of a process. Room for one: of all events that may have ended the last process, one is handled
// at a time (delivery_counts.hpp). It knows how that process ended, as far as anybody does.
#pragma once

#include <banyan/pub_sub/death_evidence.hpp>

#include <atomic>
#include <memory>
#include <utility>

namespace banyan {

class suspect_lane {
 public:
  explicit suspect_lane(process_end last = process_end::unknown) : last_{last} {}
  process_end last_end() const { return last_; }

  // Leaves the lane when it is destroyed, also with the coroutine that holds it.
  class place {
   public:
    place() = default;
    place(place&& other) noexcept : lane_{std::exchange(other.lane_, nullptr)} {}
    place& operator=(place other) noexcept {
      std::swap(lane_, other.lane_);
      return *this;
    }
    ~place() {
      if (lane_) lane_->is_taken_.store(false, std::memory_order_release);
    }
    explicit operator bool() const { return lane_ != nullptr; }

   private:
    friend suspect_lane;
    explicit place(std::shared_ptr<suspect_lane> lane) : lane_{std::move(lane)} {}
    std::shared_ptr<suspect_lane> lane_;
  };

  // From any thread. An empty place when somebody is in it.
  static place try_enter(const std::shared_ptr<suspect_lane>& lane) {
    return lane->is_taken_.exchange(true, std::memory_order_acquire) ? place{} : place{lane};
  }

 private:
  const process_end last_;
  std::atomic<bool> is_taken_{false};
};

}  // namespace banyan
