// The events of a topic that one subscriber has not taken yet, in the order of their publication, in bounded memory.
//
//   event_queue waiting{256};
//   waiting.call({.wake = wake, .stalled = complain});
//   waiting.push(event);  // by publishers, from any thread; never waits for the subscriber
//   while (shared_event next = waiting.take()) handle(next);  // by the subscriber, after it was woken
//
// When the queue is full, its oldest event is dropped and counted: what is newest says most about the present. From
// the first drop until the subscriber has taken everything it is stalled. No actors and no clock. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

namespace banyan {

using shared_event = std::shared_ptr<const void>;  // of the type of its topic; shared by all subscribers

class event_queue {
 public:
  explicit event_queue(std::size_t capacity) : capacity_{capacity} {}

  // Called on the thread of the publisher, outside of the queue's lock but within that of its topic: they must return
  // at once, and publish nothing. A `wake` that throws (no memory) is called again by the next push.
  struct listeners {
    std::function<void()> wake;     // the first event after take() has returned null
    std::function<void()> stalled;  // the first drop
  };
  void call(listeners who);  // before the first push

  void push(shared_event e);
  // Whose events they are from now on: take() gives nothing to those before, which may still run when an actor that did
  // not end was replaced.
  using turn = std::uint64_t;
  turn take_over();
  // Null: none is left, and the next push calls `wake`; or it is another's turn.
  shared_event take(turn whose = 0);

  struct counts {
    std::size_t waiting = 0;
    std::uint64_t dropped = 0;  // in all
    bool is_stalled = false;
  };
  counts count() const;
  std::size_t capacity() const { return capacity_; }

 private:
  const std::size_t capacity_;
  listeners callbacks_;
  mutable std::mutex lock_;
  std::deque<shared_event> events_;
  std::uint64_t dropped_ = 0;
  turn turn_ = 0;
  bool is_awake_ = false;  // the subscriber is taking, or has been woken
  bool is_stalled_ = false;
};

}  // namespace banyan
