// The quarantine lane of a process: a mutex for the events that may have ended the last process, one of which is
// handled at a time (delivery_counts.hpp). It also holds how that process ended, as far as that is known.
#pragma once

#include <banyan/pub_sub/death_evidence.hpp>

#include <atomic>
#include <memory>
#include <utility>

namespace banyan {

class quarantine_lane {
 public:
  explicit quarantine_lane(process_end last = process_end::unknown) : last_{last} {}
  process_end last_end() const { return last_; }

  // Releases the lane when it is destroyed, also with the coroutine that holds it.
  class permit {
   public:
    permit() = default;
    permit(permit&& other) noexcept : lane_{std::exchange(other.lane_, nullptr)} {}
    permit& operator=(permit other) noexcept {
      std::swap(lane_, other.lane_);
      return *this;
    }
    ~permit() {
      if (lane_) lane_->is_taken_.store(false, std::memory_order_release);
    }
    explicit operator bool() const { return lane_ != nullptr; }

   private:
    friend quarantine_lane;
    explicit permit(std::shared_ptr<quarantine_lane> lane) : lane_{std::move(lane)} {}
    std::shared_ptr<quarantine_lane> lane_;
  };

  // From any thread. An empty permit while another one is held.
  static permit try_acquire(const std::shared_ptr<quarantine_lane>& lane) {
    return lane->is_taken_.exchange(true, std::memory_order_acquire) ? permit{} : permit{lane};
  }

 private:
  const process_end last_;
  std::atomic<bool> is_taken_{false};
};

}  // namespace banyan
