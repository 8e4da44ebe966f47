// A sequential test of whether an event is poison, from the process crashes during its attempts: does its handler
// crash the process, or did the process end for another reason? Pure. "Death" is the end of the process, whatever the
// cause.
//
// One crash proves nothing. A deploy, an operator, a crash test, the OOM killer or another request may end a process
// at any moment, and the slower a handler is, the more likely it is the one running. So an event that was alone in the
// quarantine lane when its process ended gets *trials*: its next attempt begins at an instant drawn uniformly from the
// next W (the member `wait`), and the time d from that instant to the end of the process is recorded.
//
// Null hypothesis: the event is harmless. Then whatever ends the process does not know the draw, and however it
// chooses its moment, the probability that this moment lies within d after the instant is at most d/W. So p = min(1,
// d/W) is a p-value. A process that ended during the wait, and an attempt that the process survived, count as p = 1.
//
// The p-values of several trials are combined as bets (Vovk and Wang, "E-values: calibration, combination and
// applications", Annals of Statistics 49, 2021): each one multiplies the evidence by k * p^(k-1), with k = 0.2, whose
// expectation under the null hypothesis is at most 1. By Ville's inequality the probability that evidence ever reaches
// 10^6 is then at most 10^-6, whatever ends the processes and however often. Evidence is stored as a decimal logarithm
// with a minimum of 0, so that an event that becomes poison later (after a deploy) is found too; the bound for n
// deaths is therefore n * 10^-6.
//
// An event that aborts at once is found after 5 trials with W = 2, 4, 8 ... s, about half a minute of waiting. One
// that takes seconds to crash the process gets longer waits (W is at least 8 times the last attempt's duration), and
// needs about ten trials.
//
// One event per process is on trial at a time (quarantine_lane.hpp). If several waited at once, the first poison event
// would end the process during the waits of all others, which counts in favour of those, and many poison events would
// never be found. One at a time, each is found after deaths of its own.
#pragma once

#include <banyan/core/ids.hpp>
#include <banyan/core/time.hpp>

namespace banyan {

// How the previous process ended, as far as known.
enum class process_end : std::uint8_t {
  unknown,       // the usual case; also SIGKILL, which an operator and the OOM killer both send
  own_fault,     // its supervisor saw SIGSEGV, SIGABRT, SIGBUS, SIGILL or SIGFPE
  from_outside,  // ordered to end (SIGTERM, SIGINT, SIGHUP, a stop): no evidence
};
// From the value of the environment variable that `banyan supervise` sets: "SIGSEGV", "ordered", ... Null: unknown.
process_end process_end_of(const char* last_end);

struct trial_limits {
  nanoseconds first_wait = std::chrono::seconds{2};
  // 40 times what a handler may take, to find even the slowest killer
  nanoseconds longest_wait = std::chrono::minutes{20};
  double proof = 6;                                     // decimal logarithm of the evidence required
  double proof_of_own_fault = 4;                        // the same, if each death was the process's own fault
};

class death_evidence {
 public:
  // The stored state of an event's test.
  struct content {
    double decades = 0;         // decimal logarithm of the evidence
    nanoseconds wait{};         // W of the next trial; 0: no trial needed
    bool all_own_fault = true;  // whether each death in `decades` was the process's fault
    friend bool operator==(const content&, const content&) = default;
  };

  death_evidence() = default;
  explicit death_evidence(content c) : is_{c} {}
  const content& get() const { return is_; }

  bool needs_trial() const { return is_.wait > nanoseconds{}; }
  // The delay until the next attempt begins: uniform in [0, W).
  nanoseconds draw(random_source& random) const;

  // The process ended while the event was alone in the lane. `lived`: the last stored mark, as time since the drawn
  // instant.
  void died(nanoseconds lived, process_end how, const trial_limits& l);
  void died_waiting(process_end how, const trial_limits& l);  // before the drawn instant
  // The attempt ended without success; the process did not end.
  void survived(const trial_limits& l);
  bool is_proven(const trial_limits& l) const;

  // An attempt stores its lifetime so far at marks, each 1.5 times the previous one, so that few writes give the time
  // of death to within a constant factor.
  static nanoseconds next_mark(nanoseconds lived);
  // Upper bound of the lifetime when the last stored mark is `lived`: the next mark may have been in the middle of
  // being written.
  static nanoseconds latest_death(nanoseconds lived);

 private:
  void add(double p);
  content is_;
};

}  // namespace banyan
