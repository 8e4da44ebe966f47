// A cancellation flag: whether the asker of some work still waits for it. Set once, from any thread; read by whoever is about to begin, or go
// on with, the work. It cancels nothing by itself.
//
//   auto flag = std::make_shared<cancellation>();
//   start(job{.cancelled = flag});
//   flag->cancel();                                 // the client closed its connection
//   if (is_cancelled(job.cancelled)) return;        // in the worker: nobody waits for the answer
//
// Do not use it to undo what has been done: a command that has begun is completed.
#pragma once

#include <atomic>
#include <memory>

namespace banyan {

class cancellation {
 public:
  cancellation() = default;
  // A copy is a flag of its own, which is not set: it belongs to other work.
  cancellation(const cancellation&) noexcept {}
  cancellation& operator=(const cancellation&) = delete;
  void cancel() noexcept { cancelled_.store(true, std::memory_order_release); }
  bool is_cancelled() const noexcept { return cancelled_.load(std::memory_order_acquire); }

 private:
  std::atomic<bool> cancelled_{false};
};

using cancellation_ptr = std::shared_ptr<const cancellation>;  // null: the work can not be cancelled

inline bool is_cancelled(const cancellation_ptr& c) noexcept { return c && c->is_cancelled(); }

}  // namespace banyan
