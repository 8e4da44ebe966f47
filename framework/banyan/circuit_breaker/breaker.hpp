// A circuit breaker as a thread-safe value without a clock: `acquire` before a call, `record` after it. What trips it
// and how it recovers are its options (circuit_breaker.hpp).
//
//   breaker valve{{.min_calls = 10, .open_for = 5s}, seed};
//   auto admitted = valve.acquire(now, deadline);
//   if (!admitted) return admitted.refusal(now);  // unavailable, "circuit_open", retry_after
//   auto answer = call();
//   valve.record(admitted.permit(), answer ? call_outcome::success : outcome_of(answer.error()), later);
//
// Most callers want breaker_call.hpp (records in each case, for coroutines too) or guarded.hpp (around a callable).
//
// States. Closed: every call is admitted and counted. Open: every call is refused, until a time that each refusal
// carries. Half open: `probes` calls are admitted and decide; the others are refused until the first of the probes must
// have ended. After closing, calls are admitted at random with a share that rises from 0 to 1 over `ramp`; a refusal
// then carries the time at which the same draw would have admitted it, so that retries spread over the ramp.
//
// A permit has a generation, which each change of state raises: a result of an earlier generation changes nothing. A
// probe's permit is a lease: at its deadline, or after `probe_limit`, it counts as a failure, so that a probe that is
// lost can not keep the breaker half open. A call whose deadline has passed is no probe. Each permit is recorded once.
//
// Times open grow by a half with each recovery that fails, also one that trips again during its ramp: without jitter,
// the end of an outage is noticed after `open_for` and a half of its length at most. Jitter is large so that the breakers
// of several endpoints, which trip together, do not probe together: then the first one of them notices it much sooner.
// Jitter and ramp draw from the seed and the number of draws so far, and from nothing else.
//
// Nothing survives the process; the state can be exported, and set in another breaker (`restore`).
//
// Cost: an atomic load to acquire when closed, a spin lock of some nanoseconds to record, an atomic addition to refuse;
// no allocation after construction; 256 bytes and the window (2 bits per call, or 24 bytes per bucket).
// `bench_breaker` measures it.
#pragma once

#include <banyan/circuit_breaker/breaker_state.hpp>
#include <banyan/circuit_breaker/call_window.hpp>
#include <banyan/circuit_breaker/circuit_breaker.hpp>
#include <banyan/circuit_breaker/half_open.hpp>
#include <banyan/circuit_breaker/outcome.hpp>
#include <banyan/circuit_breaker/spin_lock.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>

namespace banyan {

// An admitted call, to be recorded once. A default-constructed one is of no generation: recording it changes nothing.
class breaker_permit {
 public:
  breaker_permit() = default;
  monotonic started() const noexcept { return monotonic{nanoseconds{started_}}; }

 private:
  friend class breaker;
  friend class breaker_admission;
  breaker_permit(std::uint64_t stamp, std::int64_t started) : stamp_{stamp}, started_{started} {}
  std::uint64_t stamp_ = 0;  // generation << 8 | place of a probe + 1
  std::int64_t started_ = 0;
};

// A permit or a refusal.
class [[nodiscard]] breaker_admission {
 public:
  explicit operator bool() const noexcept { return stamp_ != 0; }
  breaker_permit permit() const noexcept { return {stamp_, time_}; }  // of an admitted call
  // Of a refused call: when it can be admitted; monotonic::max() when forced open, which has no known end.
  monotonic retry_at() const noexcept { return monotonic{nanoseconds{time_}}; }
  // Of a refused call: `unavailable`, reason "circuit_open", not applied, with the wait in whole milliseconds, rounded
  // up.
  error refusal(monotonic now) const;

 private:
  friend class breaker;
  breaker_admission(std::uint64_t stamp, monotonic time) : stamp_{stamp}, time_{time.time_since_epoch().count()} {}
  std::uint64_t stamp_;  // 0: refused
  std::int64_t time_;
};

class alignas(64) breaker {
 public:
  // Called on the thread of the caller whose call caused the event, outside of the critical section: quick, without
  // exceptions. It may call the breaker. Two threads may report their events in another order than their generations.
  using listener = std::function<void(const breaker_event&)>;

  // Throws std::invalid_argument for options that `check` finds mistakes in.
  explicit breaker(const circuit_breaker& options = {}, std::uint64_t seed = 0, listener on_event = {});
  breaker(const breaker&) = delete;
  breaker& operator=(const breaker&) = delete;

  // `deadline`: of the call; a probe that is not recorded before it has failed.
  breaker_admission acquire(monotonic now, monotonic deadline = monotonic::max()) {
    const auto c = control_.load(std::memory_order_acquire);
    if ((c & flags) == 0) [[likely]]
      return {c, now};  // closed
    return acquire_guarded(now, deadline);
  }
  // Whether the result was that of a probe and has closed the breaker.
  bool record(breaker_permit p, call_outcome outcome, monotonic now);
  // Ends the time open, earlier than refusals have said: the next call is a probe. For a hint that the dependency may
  // work again.
  void wake(monotonic now);

  // Sets or clears (`none`) an override, at any time. Results of calls admitted before change nothing, the window is
  // emptied, and times open start again. When forced_open is cleared probes decide; otherwise it is closed then.
  void force(breaker_override o, monotonic now);

  breaker_snapshot snapshot(monotonic now) const;
  exported_breaker export_state(monotonic now) const;
  // Takes over an exported state, with an empty window. Refuses with `invalid_argument` what its own options could not
  // have led to; nothing changes then.
  result<void> restore(const exported_breaker& state, monotonic now);

 private:
  // control_: generation << 8 | flags. Zero flags: closed, without a ramp and without an override.
  static constexpr std::uint64_t flags = 0xff, state_bits = 3, ramping = 16;
  static constexpr int override_shift = 2;
  static breaker_state state_of(std::uint64_t c) { return static_cast<breaker_state>(c & state_bits); }
  static breaker_override forced_of(std::uint64_t c) { return static_cast<breaker_override>(c >> override_shift & 3); }
  static breaker_admission admit(std::uint64_t c, monotonic now, int place = half_open::none);

  breaker_admission acquire_guarded(monotonic now, monotonic deadline);
  breaker_admission acquire_in_ramp(std::uint64_t c, monotonic now);
  std::optional<breaker_admission> acquire_probe(monotonic now, monotonic deadline);
  breaker_admission refuse(std::uint64_t c, monotonic now, monotonic until);
  bool record_probe(breaker_permit p, call_outcome outcome, bool slow, monotonic now);
  void notify(const std::optional<breaker_event>& e) const;
  double draw() noexcept;

  // With the lock.
  std::uint64_t change(breaker_state s, breaker_override o = breaker_override::none, std::uint64_t ramp = 0);
  bool is_over_limit() const noexcept;
  bool is_in_ramp(monotonic now) const noexcept;
  std::optional<breaker_event> over_limit(bool over, monotonic now);
  std::optional<breaker_event> settle(monotonic now);
  void open(monotonic now);
  void close(monotonic now, bool with_ramp);
  breaker_event event(breaker_event_kind k, breaker_state before, monotonic now) const;
  void measure(breaker_state s, double& failure_rate, double& slow_rate, std::uint64_t& calls) const;

  // Read by every call, written by changes of state only.
  std::atomic<std::uint64_t> control_{1 << 8};
  std::uint32_t failure_millionths_;
  std::uint32_t slow_millionths_;
  std::uint32_t min_calls_;
  std::uint32_t consecutive_limit_;  // 0: off
  nanoseconds slow_after_;
  nanoseconds ramp_;
  std::atomic<std::int64_t> open_until_{0};
  std::atomic<std::int64_t> ramp_from_{0};
  std::uint64_t seed_;

  // Written by every recorded call: a line of memory of its own.
  alignas(64) mutable spin_lock lock_;
  bool told_would_trip_ = false;
  std::uint32_t consecutive_ = 0;
  mutable call_window window_;

  // Written by refusals and changes of state.
  alignas(64) std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> draws_{0};
  std::uint64_t trips_ = 0;
  int openings_ = 0;             // in a row, without a recovery that lasted
  double jitter_;
  nanoseconds open_for_;
  nanoseconds open_for_at_most_;
  nanoseconds probe_limit_;
  half_open probes_;
  listener listener_;
};
static_assert(sizeof(breaker) <= 256);

}  // namespace banyan
