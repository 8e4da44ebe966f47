// One call through a circuit breaker, from its admission to its result: what was admitted is recorded exactly once, on
// every way out of a scope. A call that is dropped without a result (its coroutine was destroyed, its caller gave up)
// is ignored.
//
//   breaker_call call{valve, time, deadline};
//   if (!call) co_return call.refusal();
//   auto answer = co_await ask(o);
//   call.end(answer ? call_outcome::success : outcome_of(answer.error()));
//   co_return answer;
//
// It refers to the breaker and the clock, which must outlive it.
#pragma once

#include <banyan/circuit_breaker/breaker.hpp>

#include <utility>

namespace banyan {

class [[nodiscard]] breaker_call {
 public:
  breaker_call(breaker& guard, const clock& time, monotonic deadline = monotonic::max())
      : breaker_call{guard, time, guard.acquire(time.steady(), deadline)} {}
  // Of an admission that was acquired before.
  breaker_call(breaker& guard, const clock& time, breaker_admission admission)
      : guard_{admission ? &guard : nullptr}, time_{&time}, admission_{admission} {}
  breaker_call(breaker_call&& other) noexcept
      : guard_{std::exchange(other.guard_, nullptr)}, time_{other.time_}, admission_{other.admission_} {}
  breaker_call& operator=(breaker_call&&) = delete;
  ~breaker_call() { end(call_outcome::ignored); }

  explicit operator bool() const noexcept { return static_cast<bool>(admission_); }  // admitted
  error refusal() const { return admission_.refusal(time_->steady()); }              // of a refused call
  monotonic retry_at() const noexcept { return admission_.retry_at(); }              // of a refused call

  // Records the result. The first one counts.
  void end(call_outcome outcome) {
    if (auto* guard = std::exchange(guard_, nullptr)) guard->record(admission_.permit(), outcome, time_->steady());
  }

 private:
  breaker* guard_;  // null: refused, or recorded
  const clock* time_;
  breaker_admission admission_;
};

}  // namespace banyan
