// Delivery counts: refusals and crashes of each event of a subscription, and what is known of the attempts that were
// in progress when a process ended. They decide whether an event is delivered again, and in which mode. Pure.
//
// An exception of the handler counts as a crash of its event. When the handler crashes the whole process (segfault,
// abort, out of memory), nothing is left that could count, so the attempt must be on disk before it begins; but a
// write before every delivery would cost more than most deliveries. Hence only *unconfirmed* events are recorded. At
// most `unconfirmed` events beyond the stored checkpoint are taken up at a time, so those that the previous process
// was handling when it died are among that many after the checkpoint. These are recorded before delivery; the rest
// (all events, once a subscription has run for a moment) cost no write.
//
//   counts.taken_up(at);
//   auto mode = counts.mode_for(at);
//   if (mode == delivery_mode::quarantined)  // in the quarantine lane, one at a time
//     auto wait = counts.draws(at, random);  // on trial: when it has its turn; store row_of(at), then wait
//   counts.begins(at);                       // then store row_of(at), unless the mode is `direct`
//   counts.crashed(at, "bad_alloc");         // or refused(); forget() when it is acknowledged
//   if (counts.is_given_up(at)) ...          // dead-letter it; otherwise store row_of(at), pause, deliver again
//
// All events whose attempts were in progress when a process ended are quarantined until they are acknowledged. An event
// is not given up merely because it is quarantined: quarantined events are delivered one at a time, and only the
// process deaths meanwhile are evidence against them (death_evidence.hpp). So an event that really crashes its process
// becomes a dead letter after a bounded number of deaths; a harmless event does not, however often processes are killed
// while it is in progress.
#pragma once

#include <banyan/journal/event.hpp>
#include <banyan/pub_sub/death_evidence.hpp>

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace banyan {

// How an event is to be delivered.
enum class delivery_mode : std::uint8_t {
  direct,
  recorded,     // its row is stored before the attempt
  quarantined,  // the same, and no other quarantined event of this process runs
  given_up,     // no attempts left: to be dead-lettered
};

class delivery_counts {
 public:
  struct limits {
    int refusals = 8, crashes = 3;
    std::size_t unconfirmed = 1024;  // events taken up beyond the checkpoint
    trial_limits trial = {};
  };
  enum class attempt : std::uint8_t { none, under_way, waiting };  // `waiting`: on trial, until its drawn instant
  // The stored record of an event.
  struct row {
    position at = 0;
    int refusals = 0, crashes = 0;
    int deaths = 0;                   // of processes in which it was the only event in the lane
    bool is_quarantined = false;
    attempt now = attempt::none;      // read by a new process: as it was when the previous one died
    nanoseconds lived{};              // the last stored mark of the attempt in progress
    death_evidence::content evidence = {};
    std::string cause = {};           // of the last refusal, crash or death
    friend bool operator==(const row&, const row&) = default;
  };

  delivery_counts(limits l, position checkpoint) : limits_{l}, saved_{checkpoint} {}

  // In a new process: the rows stored by the previous one, and how it ended.
  void begin(const std::vector<row>& stored, process_end how = process_end::unknown);
  // In the same process, after a restart of the actor: attempts that were in progress do not count against their
  // events.
  void begin_again(position checkpoint);

  // The number of events that may be taken up before the checkpoint advances.
  std::size_t free_capacity() const { return limits_.unconfirmed > taken_.size() ? limits_.unconfirmed - taken_.size() : 0; }
  void taken_up(position at);       // in the order of positions
  void saved(position checkpoint);  // drops what is known of events up to here

  delivery_mode mode_for(position at) const;
  bool is_on_trial(position at) const;  // then draws() requires quarantine_lane::try_begin_trial
  // The delay before a quarantined event enters the lane. None: not on trial.
  std::optional<nanoseconds> draws(position at, random_source& random);
  void begins(position at, nanoseconds lived = {});  // `lived`: time since the drawn instant
  void lives(position at, nanoseconds lived);        // a mark was reached (death_evidence::next_mark)
  bool is_under_way(position at) const;
  void refused(position at, std::string cause);
  void refused_for_good(position at, std::string cause);  // a retry can not help
  void crashed(position at, std::string cause);
  void excused(position at);      // the attempt failed for a reason outside the event: not counted
  void forget(position at);       // acknowledged or given up
  std::vector<position> spare();  // attempts in progress or waiting end uncounted; returns their events
  bool is_any_under_way() const;

  bool is_poison(position at) const;    // crashed its handler too often, or is proven to crash its process
  bool is_given_up(position at) const;  // poison, or refused too often
  row row_of(position at) const;        // all zero when unknown
  bool is_known(position at) const { return entries_.count(at) > 0; }

 private:
  struct entry {
    row stored;
    bool is_hopeless = false;
  };
  row& known(position at);
  void ended(position at, std::string cause);
  bool is_poison(const row& r) const;

  limits limits_;
  position saved_;
  std::deque<position> taken_;  // positions beyond saved_
  std::size_t unconfirmed_ = 0;   // number of events taken up that the previous process may have handled
  position unconfirmed_to_ = 0;
  std::map<position, entry> entries_;
};

}  // namespace banyan
