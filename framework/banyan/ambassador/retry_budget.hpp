// A bound on the load that retries and hedged requests add to a link: together at most `ratio` of the live and recent
// calls, or `floor` of them where that is more.
//
//   retry_budget budget{{.ratio = 0.2, .floor = 3}, now};
//   budget.begin();                                          // a call
//   if (budget.take(extra_attempt::retry, now)) schedule();  // when it is scheduled, not when it is sent
//   budget.give_back(extra_attempt::retry);                  // it was not sent after all, or
//   budget.end_extra(extra_attempt::retry, now);             // it has ended
//   budget.end(now);                                         // the call has ended
//
// A call counts while it is live and for `window` after its end; so does an extra attempt. What waits in its back-off
// is counted, so a burst of failures can not schedule more than the budget and send it later (Envoy's issue 30205).
// Hedged requests are in addition at most `hedge_ratio` of calls, without a floor: a chain of hops multiplies its
// hedges, and three times 5 % are 16 %, three times 20 % are 73 %. They are paced, too: a tenth of the window gets at
// most a tenth of them, or one, so that a sudden slowness is not met with those that a quiet time has saved.
//
// Thread-safe and never exceeded: the check and the count are one atomic step. A call costs two atomic additions.
#pragma once

#include <banyan/core/time.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>

namespace banyan {

struct retry_budget_options {
  double ratio = 0.2;         // of live and recent calls
  int floor = 3;              // extra attempts that are always allowed, in the same time
  double hedge_ratio = 0.05;  // of live and recent calls, for hedged requests alone
  timespan window = std::chrono::seconds{10};  // what is recent
  friend bool operator==(const retry_budget_options&, const retry_budget_options&) = default;
};

enum class extra_attempt : std::uint8_t { retry, hedge };

class retry_budget {
 public:
  retry_budget(retry_budget_options options, monotonic now);

  void begin() { calls_.fetch_add(1, std::memory_order_relaxed); }
  void end(monotonic now);
  bool take(extra_attempt kind, monotonic now);
  void give_back(extra_attempt kind);
  void end_extra(extra_attempt kind, monotonic now);

  std::int64_t live() const;           // calls that have begun and not ended
  std::int64_t calls(monotonic now);   // live and recent
  std::int64_t extras(monotonic now);  // scheduled, live and recent, of both kinds

 private:
  static constexpr int slots = 10;
  struct slot {
    std::atomic<std::int64_t> calls{0};
    std::atomic<std::uint64_t> extras{0};
  };
  void advance(monotonic now);

  const retry_budget_options options_;
  const std::int64_t slot_length_;
  std::atomic<std::int64_t> calls_{0};
  std::atomic<std::uint64_t> extras_{0};  // retries in the lower half, hedges in the upper one
  std::atomic<std::int64_t> slot_ends_;
  std::atomic<int> current_{0};
  std::atomic<std::int64_t> hedges_in_slot_{0};
  std::array<slot, slots> ended_;  // in each tenth of the window
  mutable std::mutex mutex_;       // of the one who advances, and of readers of all slots
};

}  // namespace banyan
