// The probes of a half-open circuit breaker, and their verdict. Pure, not thread-safe.
//
// A probe is a lease with a time at which it ends. What is recorded in time counts, or gives the place back when it is
// ignored; a lease that has ended counts as a failure, so that a probe that never reports can not keep the breaker half
// open. The verdict is given as soon as no result of the remaining probes could change it.
#pragma once

#include <banyan/circuit_breaker/circuit_breaker.hpp>
#include <banyan/circuit_breaker/outcome.hpp>

#include <cstdint>

namespace banyan {

// Rates are compared in whole millionths, so that 7 failures of 100 are a rate of 0.07.
std::uint32_t rate_in_millionths(double rate);

class half_open {
 public:
  enum class verdict : std::uint8_t { open_question, works, fails };
  static constexpr int none = -1;

  explicit half_open(const circuit_breaker& options);

  // Forgets all leases. `memory`: a word for each of the probes.
  void begin(std::int64_t* memory) noexcept;
  // The place of a new lease, or `none`.
  int admit(monotonic ends) noexcept;
  // Ends the leases whose time is over: at `now` or before.
  void expire(monotonic now) noexcept;
  // A result for a place that is not leased changes nothing.
  void record(int place, call_outcome outcome, bool slow) noexcept;

  verdict judge() const noexcept;
  // The earliest end of a lease; monotonic::max() when there is none.
  monotonic first_end() const noexcept;
  int counted() const noexcept { return counted_; }
  int failures() const noexcept { return failures_; }
  int slow() const noexcept { return slow_; }
  int under_way() const noexcept { return __builtin_popcount(leased_); }

 private:
  std::int64_t* ends_ = nullptr;  // of the lease at each place, in nanoseconds
  std::uint32_t leased_ = 0;      // a bit per place: under way
  std::uint32_t spent_ = 0;       // a bit per place: its probe was counted
  std::uint8_t counted_ = 0;
  std::uint8_t failures_ = 0;
  std::uint8_t slow_ = 0;
  std::uint8_t probes_;
  std::uint8_t fails_at_;       // failures
  std::uint8_t fails_at_slow_;  // slow probes
};

}  // namespace banyan
