// What an actor_host allocates when it is first needed. Private to its sources (host*.cpp, cell.cpp).
#pragma once

#include <banyan/actor/actor.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace banyan {

// Calls that wait for their answer, and messages to itself, later. Of this incarnation: gone with it, however far off.
struct actor_host::timing {
  explicit timing(monotonic now) : calls{now} {}
  call_table calls;
  std::multimap<monotonic, message_ptr> timers;
  monotonic armed = monotonic::max();  // the next wake-up, for the earliest of them, or of a restart; outlives a crash
  std::uint64_t armed_as = 0;          // which wake-up is the valid one
};

// Of an actor that is down or was, or that its supervisor has given an order.
struct actor_host::downtime {
  explicit downtime(const backoff_policy& restart) : wait{restart} {}
  backoff wait;
  std::deque<message_ptr> stash;
  std::uint64_t order = 0;                      // of its supervisor: the last one carried out
  std::string last_cause, last_message;         // why it crashed last, on which message
  exit_reason why;                              // of the last stop()
  monotonic since = monotonic::max();           // max: it runs
  monotonic resumes_at = monotonic::max();      // max: it runs, or nobody knows
  monotonic first_expiry = monotonic::max();    // none in the stash expires before
  monotonic next_look = monotonic::min();       // through a full stash, for those whose askers are gone
  bool has_overflowed = false;                  // in this time of being down: told once
};

// Addresses by their ids, for an actor with very many children: 16 bytes each. Children are added in the order of
// their ids, as they are spawned. Removing one is O(log n) on average: its place stays, empty, until half of them
// are.
class child_list {
 public:
  void add(const address& a) { places_.push_back({a.id(), a}); }
  bool remove(const address& a) {
    const auto is_before = [](const place& p, std::uint64_t id) { return p.id < id; };
    const auto found = std::lower_bound(places_.begin(), places_.end(), a.id(), is_before);
    if (found == places_.end() || found->who != a || !a) return false;
    found->who = {};
    if (++empty_ * 2 > places_.size()) {
      std::erase_if(places_, [](const place& p) { return !p.who; });
      empty_ = 0;
      if (places_.capacity() > 4 * places_.size()) places_.shrink_to_fit();  // many have come and gone
    }
    return true;
  }
  std::vector<address> take_all() {
    std::vector<address> all;
    for (auto& p : std::exchange(places_, {}))
      if (p.who) all.push_back(std::move(p.who));
    empty_ = 0;
    return all;
  }

 private:
  struct place {
    std::uint64_t id;
    address who;  // nobody: removed
  };
  std::vector<place> places_;
  std::size_t empty_ = 0;
};

// Its children, and who waits for its own end.
struct actor_host::family {
  child_list children;        // of this incarnation
  child_list kept_children;   // of the actor
  std::set<address> leaving;  // told to stop, not ended yet
  std::vector<completion<done>> stop_waiters;
};

}  // namespace banyan
