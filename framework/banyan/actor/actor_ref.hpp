// A reference to an actor whose address may change. A supervised child keeps its address over restarts, but one that
// did not end in time is abandoned and replaced by another actor. Reading is one atomic load, from any thread; only
// one thread at a time may call set().
//
//   actor_ref store;                            // nobody yet: what is sent there is answered with an error
//   store.set(tree->child("store"));               // whenever the supervisor tells that it has started
//   send(store.now(), m);
//
// Former addresses are kept until the reference is destroyed, because readers may still use them; changes are
// expected to be rare.
#pragma once

#include <banyan/actor/address.hpp>

#include <atomic>
#include <deque>
#include <mutex>
#include <utility>

namespace banyan {

class actor_ref {
 public:
  actor_ref() { set({}); }
  actor_ref(const actor_ref&) = delete;
  actor_ref& operator=(const actor_ref&) = delete;

  void set(address who) {
    std::lock_guard lock{mutex_};
    if (!all_.empty() && all_.back() == who) return;
    now_.store(&all_.emplace_back(std::move(who)), std::memory_order_release);
  }
  // Valid as long as this object.
  const address& now() const noexcept { return *now_.load(std::memory_order_acquire); }

 private:
  std::mutex mutex_;
  std::deque<address> all_;
  std::atomic<const address*> now_{nullptr};
};

}  // namespace banyan
