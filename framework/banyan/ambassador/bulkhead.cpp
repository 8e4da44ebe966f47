#include <banyan/ambassador/bulkhead.hpp>

#include <algorithm>
#include <string>

namespace banyan {

namespace {

constexpr std::uint64_t one_permit = 1, one_waiter = std::uint64_t{1} << 32;
constexpr int permits_of(std::uint64_t state) { return static_cast<int>(state & (one_waiter - 1)); }
constexpr int waiters_of(std::uint64_t state) { return static_cast<int>(state >> 32); }

}  // namespace

bulkhead::bulkhead(bulkhead_options options)
    : concurrency_{std::max(options.concurrency, 1)},
      queue_{std::max(options.queue, 0)},
      queue_time_{options.queue_time} {}

int bulkhead::in_flight() const { return permits_of(state_.load(std::memory_order_relaxed)); }
int bulkhead::waiting() const { return waiters_of(state_.load(std::memory_order_relaxed)); }

bool bulkhead::take_permit() {
  const int most = concurrency_.load(std::memory_order_relaxed);
  auto s = state_.load(std::memory_order_relaxed);
  while (waiters_of(s) == 0 && permits_of(s) < most)
    if (state_.compare_exchange_weak(s, s + one_permit, std::memory_order_acquire, std::memory_order_relaxed))
      return true;
  return false;
}

bool bulkhead::try_enter() { return take_permit(); }

bulkhead::entry bulkhead::enter(waiter& w, monotonic deadline, monotonic now) {
  if (take_permit()) return entry::admitted;
  const std::lock_guard lock{mutex_};
  // Those who wait no longer make room for those who do. In the order of the queue, which is nearly that of until().
  while (first_ && first_->until_ <= now) {
    auto& gone = *first_;
    remove(gone);
    gone.resume(result_of_wait::expired);
  }
  const auto patience = add_saturating(now, queue_time_);
  auto s = state_.load(std::memory_order_relaxed);
  while (true) {
    const bool free = waiters_of(s) == 0 && permits_of(s) < concurrency_.load(std::memory_order_relaxed);
    if (!free && (waiters_of(s) >= queue_ || std::min(deadline, patience) <= now)) return entry::refused;
    // From here on a release finds the waiter, and waits for the lock.
    if (state_.compare_exchange_weak(s, s + (free ? one_permit : one_waiter), std::memory_order_acq_rel)) {
      if (free) return entry::admitted;
      break;
    }
  }
  w.until_ = std::min(deadline, patience);
  w.by_deadline_ = deadline <= patience;
  if (!first_) last_release_ = now;
  append(w);
  return entry::queued;
}

bool bulkhead::leave(waiter& w) {
  const std::lock_guard lock{mutex_};
  if (!w.queued_) return false;
  remove(w);
  return true;
}

void bulkhead::release(monotonic now) {
  auto s = state_.load(std::memory_order_relaxed);
  while (waiters_of(s) == 0)
    if (state_.compare_exchange_weak(s, s - one_permit, std::memory_order_release, std::memory_order_relaxed)) return;

  const std::lock_guard lock{mutex_};
  if (first_) {
    const auto since = std::max(now - last_release_, nanoseconds{0});
    const auto average = between_releases_;
    between_releases_ = average == nanoseconds{0} ? since : average + (since - average) / 8;
    last_release_ = now;
  }
  state_.fetch_sub(one_permit, std::memory_order_acq_rel);
  hand_out(now);
}

// While somebody waits, nobody takes a permit but here.
void bulkhead::hand_out(monotonic now) {
  while (first_) {
    auto& next = *first_;
    if (next.until_ <= now) {
      remove(next);
      next.resume(result_of_wait::expired);
    } else if (in_flight() < concurrency_.load(std::memory_order_relaxed)) {
      state_.fetch_add(one_permit, std::memory_order_acq_rel);
      remove(next);
      next.resume(result_of_wait::admitted);
    } else {
      return;
    }
  }
}

void bulkhead::append(waiter& w) {
  w.queued_ = true;
  w.next_ = nullptr;
  w.previous_ = last_;
  (last_ ? last_->next_ : first_) = &w;
  last_ = &w;
}

void bulkhead::remove(waiter& w) {
  (w.previous_ ? w.previous_->next_ : first_) = w.next_;
  (w.next_ ? w.next_->previous_ : last_) = w.previous_;
  w.queued_ = false;
  state_.fetch_sub(one_waiter, std::memory_order_acq_rel);
}

void bulkhead::set(bulkhead_options options, monotonic now) {
  {
    const std::lock_guard lock{mutex_};
    queue_ = std::max(options.queue, 0);
    queue_time_ = options.queue_time;
  }
  set_concurrency(options.concurrency, now);
}

void bulkhead::set_concurrency(int permits, monotonic now) {
  const std::lock_guard lock{mutex_};
  concurrency_.store(std::max(permits, 1), std::memory_order_relaxed);
  hand_out(now);
}

error bulkhead::refusal() const {
  const std::lock_guard lock{mutex_};
  error e{code::exhausted, "there are " + std::to_string(in_flight()) + " calls already, and " +
                               std::to_string(waiting()) + " that wait"};
  // The rate at which permits came free while others waited tells when the last of them will have one.
  if (between_releases_ > nanoseconds{0} && first_)
    e.retry_after = std::chrono::ceil<std::chrono::milliseconds>(between_releases_ * (waiting() + 1));
  return std::move(e).because("too_many_calls");
}

error bulkhead::refusal(const waiter& w) const {
  if (!w.timed_out_by_deadline()) return refusal();
  return error{code::deadline_exceeded, "the deadline passed while the call waited for others to end"}.because(
      "too_many_calls");
}

}  // namespace banyan
