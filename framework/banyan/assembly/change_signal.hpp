// By which a pattern tells whoever looks at the node that an inspection of its has changed, so that it is read at once
// and not only at the next sample: a breaker that trips. Thread-safe, and nearly free while nobody looks.
//
//   auto changes = a.changes();                   // at installation, from the assembly
//   chain.when_changed([changes](const std::string&, const breaker_event&, auto) { changes->notify(); });
#pragma once

#include <atomic>
#include <functional>
#include <mutex>

namespace banyan {

class change_signal {
 public:
  void notify() const {
    if (is_heard_.load(std::memory_order_acquire)) call();
  }
  // One listener at a time, called on the thread of who notifies: it must return at once. Empty: none; after the call
  // the former one is not called any more.
  void listen(std::function<void()> listener);

 private:
  void call() const;

  std::atomic<bool> is_heard_{false};
  mutable std::mutex lock_;
  std::function<void()> listener_;
};

}  // namespace banyan
