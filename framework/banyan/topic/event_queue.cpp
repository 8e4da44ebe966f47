#include <banyan/topic/event_queue.hpp>

#include <utility>

namespace banyan {

void event_queue::call(listeners who) { callbacks_ = std::move(who); }

void event_queue::push(shared_event e) {
  bool is_first = false, is_first_drop = false;
  shared_event oldest;  // destroyed outside of the lock
  {
    const std::lock_guard hold{lock_};
    if (events_.size() >= capacity_) {
      oldest = std::move(events_.front());
      events_.pop_front();
      ++dropped_;
      is_first_drop = !std::exchange(is_stalled_, true);
    }
    events_.push_back(std::move(e));
    is_first = !std::exchange(is_awake_, true);
  }
  if (is_first && callbacks_.wake) {
    try {
      callbacks_.wake();
    } catch (...) {
      const std::lock_guard hold{lock_};
      is_awake_ = false;
    }
  }
  if (is_first_drop && callbacks_.stalled) callbacks_.stalled();
}

event_queue::turn event_queue::take_over() {
  const std::lock_guard hold{lock_};
  return ++turn_;
}

shared_event event_queue::take(turn whose) {
  const std::lock_guard hold{lock_};
  if (whose != turn_) return {};
  if (events_.empty()) {
    is_awake_ = is_stalled_ = false;
    return {};
  }
  auto next = std::move(events_.front());
  events_.pop_front();
  return next;
}

event_queue::counts event_queue::count() const {
  const std::lock_guard hold{lock_};
  return {events_.size(), dropped_, is_stalled_};
}

}  // namespace banyan
