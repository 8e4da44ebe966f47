// How often the events of a subscription were refused by their handler, how often they crashed it, and what is known
// of those that were under way when a process ended; and from that, whether one is delivered again, and in which
// mode. Pure.
//
// A handler that throws costs its event one crash, and that is easily counted. One that ends the whole process (a
// segfault, abort, no memory) leaves nobody to count, so the attempt must be on disk before it begins; and a write
// before each delivery would cost more than most deliveries. Hence only unconfirmed events are recorded: when the last
// process died, what it was handling was among the first `unconfirmed` events after the stored checkpoint, because no
// more than that are taken up beyond it. Those are recorded before they are delivered; the rest (all events, once a
// subscription has run for a moment) cost nothing.
//
//   counts.taken_up(at);
//   auto mode = counts.mode_for(at);
//   if (mode == delivery_mode::quarantined)  // in the quarantine lane, one at a time,
//     auto wait = counts.draws(at, random);  // and after this wait, when it is on trial and has its turn; row_of(at) is stored before
//   counts.begins(at);                      // then, unless the mode is `direct`, row_of(at) is stored
//   counts.crashed(at, "bad_alloc");        // or refused(); forget() when it is acknowledged
//   if (counts.is_given_up(at)) ...         // to the dead letters; otherwise row_of(at) is stored, and after a pause it is delivered again
//
// All events that were under way when a process ended are quarantined, and stay so until they are acknowledged. That
// alone never gives an event up: quarantined events are delivered one at a time, and only what happens to processes
// meanwhile counts against them (death_evidence.hpp). So an event that really ends its process is dead-lettered after
// a bounded number of deaths, and one that was only there is not, however often processes are killed and whenever.
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
  recorded,     // its row is stored first
  quarantined,  // the same, and while no other quarantined event of this process is under way
  given_up,     // it has had its attempts: it goes to the dead letters
};

class delivery_counts {
 public:
  struct limits {
    int refusals = 8, crashes = 3;
    std::size_t unconfirmed = 1024;
    trial_limits trial = {};
  };
  enum class attempt : std::uint8_t { none, under_way, waiting };  // `waiting`: on trial, for its drawn instant
  // What is stored of an event.
  struct row {
    position at = 0;
    int refusals = 0, crashes = 0;
    int deaths = 0;                   // of processes in which it was alone in the lane
    bool is_quarantined = false;
    attempt now = attempt::none;      // and, when a new process reads it: when the last one died
    nanoseconds lived{};              // of the attempt under way: its last mark
    death_evidence::content evidence = {};
    std::string cause = {};           // of the last refusal, crash or death
    friend bool operator==(const row&, const row&) = default;
  };

  delivery_counts(limits l, position checkpoint) : limits_{l}, saved_{checkpoint} {}

  // A new process: what the last one stored, and how it ended.
  void begin(const std::vector<row>& stored, process_end how = process_end::unknown);
  // The same process, but a new incarnation of the subscription: what was under way is not to blame for the end of
  // the last one.
  void begin_again(position checkpoint);

  // How many more events may be taken up before the checkpoint moves on.
  std::size_t free_capacity() const { return limits_.unconfirmed > taken_.size() ? limits_.unconfirmed - taken_.size() : 0; }
  void taken_up(position at);       // in the order of positions
  void saved(position checkpoint);  // what is known of events up to here is forgotten

  delivery_mode mode_for(position at) const;
  bool is_on_trial(position at) const;  // then it draws when no other event of this process has drawn and not ended
  // How long a quarantined event waits before it enters the lane. Nothing: it is not on trial.
  std::optional<nanoseconds> draws(position at, random_source& random);
  void begins(position at, nanoseconds lived = {});  // `lived`: since the drawn instant
  void lives(position at, nanoseconds lived);        // a mark (death_evidence::next_mark)
  bool is_under_way(position at) const;
  void refused(position at, std::string cause);
  void refused_for_good(position at, std::string cause);  // trying again can not help
  void crashed(position at, std::string cause);
  void excused(position at);      // the attempt failed for what is outside of the event: it is not counted
  void forget(position at);       // acknowledged, or given up
  std::vector<position> spare();  // those under way or waiting no longer are, and are not to blame
  bool is_any_under_way() const;

  bool is_poison(position at) const;    // it crashed its handler too often, or ends its processes
  bool is_given_up(position at) const;  // poison, or refused too often
  row row_of(position at) const;        // all nought when nothing is known of it
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
  std::deque<position> taken_;  // beyond saved_
  std::size_t unconfirmed_ = 0;   // how many were taken up that the last process may have handled
  position unconfirmed_to_ = 0;
  std::map<position, entry> entries_;
};

}  // namespace banyan
