// A task's wait for a permit of a bulkhead. Destroyed before take(), it leaves the queue, or gives the permit back.
//
//   bulkhead_wait place{host, limit};
//   auto enter = [&](completion<done> over) { place.enter(deadline, std::move(over)); };
//   co_await host.wait_for<done>(longest, enter);      // over, or timed out
//   if (!place.take()) co_return place.refusal();      // else the caller holds a permit now
#pragma once

#include <banyan/actor/actor.hpp>
#include <banyan/ambassador/bulkhead.hpp>

#include <utility>

namespace banyan {

class bulkhead_wait final : public bulkhead::waiter {
 public:
  bulkhead_wait(actor_host& host, bulkhead& limit) : host_{host}, limit_{limit} {}
  ~bulkhead_wait() {
    if (take()) limit_.release(host_.steady());
  }

  // Once. `over` is called when the wait is over, on any thread, possibly before this returns.
  void enter(monotonic deadline, completion<done> over) {
    over_ = std::move(over);
    const auto how = limit_.enter(*this, deadline, host_.steady());
    was_queued_ = how == bulkhead::entry::queued;
    if (was_queued_) return;  // resume() may have been called by now
    has_permit_ = how == bulkhead::entry::admitted;
    over_(done{});
  }
  bool take() {
    limit_.leave(*this);  // after it, resume() has returned or will not be called
    return std::exchange(has_permit_, false);
  }
  error refusal() const {
    return was_queued_ ? limit_.refusal(*this) : limit_.refusal();
  }

 private:
  void resume(bulkhead::result_of_wait how) override {
    has_permit_ = how == bulkhead::result_of_wait::admitted;
    over_(done{});
  }

  actor_host& host_;
  bulkhead& limit_;
  completion<done> over_;
  bool was_queued_ = false, has_permit_ = false;
};

}  // namespace banyan
