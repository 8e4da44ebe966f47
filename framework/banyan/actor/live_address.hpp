// Where somebody is reached who may move: a supervised part keeps its address over restarts, but one that was left behind because it would
// not end is replaced by another. Read by any number of threads at the price of one load, set by one at a time.
//
//   live_address store;                            // nobody yet: what is sent there is answered with an error
//   store.set(tree->child("store"));               // whenever the supervisor tells that it has started
//   send(store.now(), m);
//
// Former addresses stay in memory as long as it does, because a reader may still be at them: for moves that are rare.
#pragma once

#include <banyan/actor/address.hpp>

#include <atomic>
#include <deque>
#include <mutex>
#include <utility>

namespace banyan {

class live_address {
 public:
  live_address() { set({}); }
  live_address(const live_address&) = delete;
  live_address& operator=(const live_address&) = delete;

  void set(address who) {
    std::lock_guard lock{mutex_};
    if (!all_.empty() && all_.back() == who) return;
    now_.store(&all_.emplace_back(std::move(who)), std::memory_order_release);
  }
  // The reference is good as long as this object is.
  const address& now() const noexcept { return *now_.load(std::memory_order_acquire); }

 private:
  std::mutex mutex_;
  std::deque<address> all_;
  std::atomic<const address*> now_{nullptr};
};

}  // namespace banyan
