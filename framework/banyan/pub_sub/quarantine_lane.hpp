// The quarantine lane of a process: a mutex for the events suspected of having ended the previous process, held while
// one of them is handled (delivery_counts.hpp); and a second mutex for events on trial, held while one of them waits
// for its drawn instant and until its attempt ends (death_evidence.hpp). Also stores how that process ended.
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

  // A lock on one of the two mutexes: released by its destructor, also when its coroutine is destroyed.
  class permit {
   public:
    permit() = default;
    permit(permit&& other) noexcept : taken_{std::exchange(other.taken_, nullptr)} {}
    permit& operator=(permit other) noexcept {
      std::swap(taken_, other.taken_);
      return *this;
    }
    ~permit() {
      if (taken_) taken_->store(false, std::memory_order_release);
    }
    explicit operator bool() const { return taken_ != nullptr; }

   private:
    friend quarantine_lane;
    explicit permit(std::shared_ptr<std::atomic<bool>> taken) : taken_{std::move(taken)} {}
    std::shared_ptr<std::atomic<bool>> taken_;  // shares ownership of the lane
  };

  // Thread-safe. Returns an empty permit while another one is held.
  static permit try_acquire(const std::shared_ptr<quarantine_lane>& lane) { return take({lane, &lane->is_taken_}); }
  // The lock for events on trial, from before the draw until the attempt has ended.
  static permit try_begin_trial(const std::shared_ptr<quarantine_lane>& lane) { return take({lane, &lane->is_on_trial_}); }

 private:
  static permit take(std::shared_ptr<std::atomic<bool>> which) {
    return which->exchange(true, std::memory_order_acquire) ? permit{} : permit{std::move(which)};
  }
  const process_end last_;
  std::atomic<bool> is_taken_{false}, is_on_trial_{false};
};

}  // namespace banyan
