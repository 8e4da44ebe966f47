// What the deaths of processes say about one event: does handling it end the process, or did the process end for
// reasons of its own? Pure.
//
// A death alone proves nothing. A deploy, an operator, a crash test, a lack of memory or another request may end a
// process at any moment, and the slower a handler is the more often it is found under way. So an event that was alone
// in the quarantine lane when its process ended is put to *trials*: its next attempt begins at an instant drawn
// evenly from the next `wait` (from 0 to W), and how long after that instant the process ended is kept (d).
//
// If the event is innocent, whatever ends the process does not know the draw. However it chooses its moment, the
// chance that this moment lies within d after the instant is at most d/W. So p = min(1, d/W) is a p-value of "this
// event has nothing to do with it". A process that ended during the wait, and an attempt that was survived, count as
// p = 1.
//
// The p-values of several trials are combined as bets (Vovk and Wang, "E-values: calibration, combination and
// applications", Annals of Statistics 49, 2021): each one multiplies the evidence by k * p^(k-1), with k = 0.2, which
// is 1 at most on average when the event is innocent. By Ville's inequality evidence of 10^6 is then ever reached
// with a probability of at most 10^-6, whatever ends the processes and however often. Evidence is kept as a decimal
// logarithm and never falls below 0, so that an event which becomes deadly later (a deploy) is found as well; the
// bound for n deaths is therefore n * 10^-6.
//
// An event that aborts at once is found after 5 trials with W = 2, 4, 8 ... s, that is about half a minute of
// waiting; one that takes seconds before it kills gets longer waits (W is at least 8 times what the last attempt
// took), and needs about ten.
//
// One event of a process is on trial at a time (quarantine_lane.hpp). If several waited at once, the first deadly one
// would end the process during the wait of every other one, which speaks for those; so many deadly events would never be
// found. As it is, each of them costs its own deaths.
#pragma once

#include <banyan/core/ids.hpp>
#include <banyan/core/time.hpp>

namespace banyan {

// What was the end of the process before this one, as far as anybody knows.
enum class process_end : std::uint8_t {
  unknown,       // the usual case; SIGKILL, which an operator and a lack of memory send alike
  own_fault,     // a supervisor saw it end by SIGSEGV, SIGABRT, SIGBUS, SIGILL or SIGFPE
  from_outside,  // it was ordered to end (SIGTERM, SIGINT, SIGHUP, a stop): evidence of nothing
};
// From the value of the environment variable that `banyan supervise` sets: "SIGSEGV", "ordered", ... Null: unknown.
process_end process_end_of(const char* last_end);

struct trial_limits {
  nanoseconds first_wait = std::chrono::seconds{2};
  nanoseconds longest_wait = std::chrono::minutes{20};  // 40 times what a handler may take, so that even the slowest killer is found
  double proof = 6;                                     // decades of evidence
  double proof_of_own_fault = 4;                        // when every death in it was the process's own fault
};

class death_evidence {
 public:
  // As stored with its event.
  struct content {
    double decades = 0;
    nanoseconds wait{};         // W of the next trial; 0: none is needed yet
    bool all_own_fault = true;  // of the deaths in `decades`
    friend bool operator==(const content&, const content&) = default;
  };

  death_evidence() = default;
  explicit death_evidence(content c) : is_{c} {}
  const content& get() const { return is_; }

  bool needs_trial() const { return is_.wait > nanoseconds{}; }
  // When the next attempt is to begin, from now: even in [0, W).
  nanoseconds draw(random_source& random) const;

  // How the process ended while the event was alone in the lane. `lived`: the last mark that was stored, counted from
  // the drawn instant.
  void died(nanoseconds lived, process_end how, const trial_limits& l);
  void died_waiting(process_end how, const trial_limits& l);  // before the drawn instant
  void survived(const trial_limits& l);                       // the attempt ended: refused, or thrown
  bool is_proven(const trial_limits& l) const;

  // An attempt stores how long it has lived at marks of growing distance, so that a few writes tell the time of death
  // to a factor.
  static nanoseconds next_mark(nanoseconds lived);
  // The latest time of death for a process whose last stored mark is `lived`: one more mark may have been on its way
  // to the disk.
  static nanoseconds latest_death(nanoseconds lived);

 private:
  void add(double p);
  content is_;
};

}  // namespace banyan
