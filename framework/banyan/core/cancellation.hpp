// A cancellation flag: tells the worker that the caller no longer waits for the answer. Set once, from any thread;
// the worker polls it before it begins and between steps. The flag interrupts nothing by itself.
//
//   auto flag = std::make_shared<cancellation>();
//   start(job{.cancelled = flag});
//   flag->cancel();                                 // the client closed its connection
//   if (is_cancelled(job.cancelled)) return;        // in the worker: nobody waits for the answer
//
// Not for undoing: a command that has begun is completed.
#pragma once

#include <atomic>
#include <memory>

namespace banyan {

class cancellation {
 public:
  cancellation() = default;
  // A copy is a new flag, not set: cancellation of one call does not spread to another.
  cancellation(const cancellation&) noexcept {}
  cancellation& operator=(const cancellation&) = delete;
  void cancel() noexcept { cancelled_.store(true, std::memory_order_release); }
  bool is_cancelled() const noexcept { return cancelled_.load(std::memory_order_acquire); }

 private:
  std::atomic<bool> cancelled_{false};
};

using cancellation_ptr = std::shared_ptr<const cancellation>;  // null: never cancelled

inline bool is_cancelled(const cancellation_ptr& c) noexcept { return c && c->is_cancelled(); }

}  // namespace banyan
