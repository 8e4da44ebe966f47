// A lock for critical sections of some nanoseconds without calls, allocation or I/O: one byte, one atomic exchange when
// it is free. It satisfies BasicLockable, for std::lock_guard.
//
// A thread that finds it taken pauses before it looks again, so that the line of memory stays with the other thread for
// several of its calls: threads that compete in tight loops then run faster than if the line moved for every call.
// After some rounds it gives up its time slice, for the owner may be waiting for a processor.
#pragma once

#include <atomic>
#include <thread>

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#endif

namespace banyan {

class spin_lock {
 public:
  void lock() noexcept {
    if (taken_.exchange(true, std::memory_order_acquire)) [[unlikely]]
      wait();
  }
  void unlock() noexcept { taken_.store(false, std::memory_order_release); }

 private:
  static void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    _mm_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }
  [[gnu::noinline]] void wait() noexcept {
    for (int round = 0;; ++round) {
      if (round < 32)
        for (int i = 0; i < 64; ++i) pause();
      else
        std::this_thread::yield();
      if (!taken_.load(std::memory_order_relaxed) && !taken_.exchange(true, std::memory_order_acquire)) return;
    }
  }

  std::atomic<bool> taken_{false};
};

}  // namespace banyan
