// A limit on concurrency: `concurrency` permits, and a bounded first-in first-out queue of callers that wait for one.
//
//   bulkhead limit{{.concurrency = 64, .queue = 64, .queue_time = 100ms}};
//   switch (limit.enter(self, deadline, now)) {               // `self` is a bulkhead::waiter
//     case bulkhead::entry::admitted: break;                  // a permit is held until limit.release(now)
//     case bulkhead::entry::queued: wait_for(self); break;    // until self.resume() or limit.leave(self)
//     case bulkhead::entry::refused: return limit.refusal();  // exhausted, reason "too_many_calls"
//   }
//
// A permit that is released is handed to the first waiter whose deadline has not passed; those before it are told
// `expired`. A permit is never held by nobody while a waiter could have it. A waiter waits until the earlier of its
// deadline and `queue_time`: the caller keeps a timer for waiter::until() and calls leave() when it fires, or when
// its own caller gives up.
//
// Thread-safe. A call that does not wait costs one atomic exchange to enter and one to leave; no allocation.
#pragma once

#include <banyan/core/error.hpp>
#include <banyan/core/time.hpp>

#include <atomic>
#include <cstdint>
#include <mutex>

namespace banyan {

struct bulkhead_options {
  int concurrency = 256;                               // calls in flight
  int queue = 256;                                     // callers that wait; 0: none waits
  timespan queue_time = std::chrono::milliseconds{200};  // longest wait
  friend bool operator==(const bulkhead_options&, const bulkhead_options&) = default;
};

class bulkhead {
 public:
  enum class entry : std::uint8_t { admitted, queued, refused };
  enum class result_of_wait : std::uint8_t { admitted, expired };

  // A place in the queue, owned by the caller.
  class waiter {
   public:
    waiter() = default;
    waiter(const waiter&) = delete;
    waiter& operator=(const waiter&) = delete;
    // The wait is over: with a permit, or because until() has passed. Called at most once per enter(), by whichever
    // thread released a permit, with the bulkhead's lock held: it must be quick (post to a mailbox) and must not call
    // the bulkhead.
    virtual void resume(result_of_wait how) = 0;
    monotonic until() const { return until_; }
    bool timed_out_by_deadline() const { return by_deadline_; }  // until() is the caller's deadline, not queue_time

   protected:
    ~waiter() = default;  // must not be queued

   private:
    friend class bulkhead;
    waiter* next_ = nullptr;
    waiter* previous_ = nullptr;
    monotonic until_{};
    bool queued_ = false;
    bool by_deadline_ = false;
  };

  explicit bulkhead(bulkhead_options options = {});

  bool try_enter();                                               // without waiting, and not past those who wait
  entry enter(waiter& w, monotonic deadline, monotonic now);
  // Takes a waiter out of the queue. False: it was not in it, because resume() has been called and has returned (or
  // the waiter was never queued): if with `admitted`, the caller holds a permit. After leave() the waiter may be
  // destroyed.
  bool leave(waiter& w);
  void release(monotonic now);

  error refusal() const;  // for a caller that was refused; with retry_after where permits are seen to come free
  error refusal(const waiter& w) const;  // for one whose wait has expired: of its deadline, deadline_exceeded

  void set(bulkhead_options options, monotonic now);              // more permits are given to waiters at once
  void set_concurrency(int permits, monotonic now);               // by an adaptive limit

  int in_flight() const;
  int waiting() const;
  int concurrency() const { return concurrency_.load(std::memory_order_relaxed); }

 private:
  bool take_permit();
  void append(waiter& w);
  void remove(waiter& w);
  void hand_out(monotonic now);

  // Permits in use in the lower half, waiters in the upper one: one word, so that a caller can neither overtake the
  // queue nor be left in it by the last release.
  std::atomic<std::uint64_t> state_{0};
  std::atomic<int> concurrency_;
  mutable std::mutex mutex_;  // for the queue; taken only where somebody waits, or is to
  int queue_;
  timespan queue_time_;
  waiter* first_ = nullptr;
  waiter* last_ = nullptr;
  monotonic last_release_{};
  nanoseconds between_releases_{0};  // average while callers wait; 0: unknown
};

}  // namespace banyan
