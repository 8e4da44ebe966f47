// Parts of actor_host that are allocated at first use. Private to its sources (host*.cpp, cell.cpp).
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

// Outstanding calls and timers of this incarnation; dropped with it.
struct actor_host::timing {
  explicit timing(monotonic now) : calls{now} {}
  call_table calls;
  std::multimap<monotonic, message_ptr> timers;
  monotonic armed = monotonic::max();  // next wake-up: earliest call, timer or restart; outlives a crash
  std::uint64_t armed_as = 0;          // number of the valid wake-up
};

// State of an actor that is or was down, or has had an order from its supervisor.
struct actor_host::downtime {
  explicit downtime(const backoff_policy& restart) : wait{restart} {}
  backoff wait;
  std::deque<message_ptr> stash;
  std::uint64_t order = 0;                      // number of the supervisor's last order carried out
  std::string last_cause, last_message;         // cause and message type of the last crash
  exit_reason why;                              // of the last stop()
  monotonic since = monotonic::max();           // max: not down
  monotonic resumes_at = monotonic::max();      // max: not down, or unknown
  monotonic first_expiry = monotonic::max();    // no stashed message expires earlier
  monotonic next_look = monotonic::min();       // when to search a full stash again for cancelled requests
  bool has_overflowed = false;                  // reported once per time of being down
};

// Child addresses ordered by id, compact for very many children: 16 bytes each. Children are appended in the order
// of their ids. Removal is O(log n) on average: the place stays, empty, until half of the places are.
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
      if (places_.capacity() > 4 * places_.size()) places_.shrink_to_fit();  // most children are gone
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
    address who;  // null: removed
  };
  std::vector<place> places_;
  std::size_t empty_ = 0;
};

// The children of an actor, and the waiters for its own end.
struct actor_host::family {
  child_list children;        // end with this incarnation
  child_list kept_children;   // survive a restart
  std::set<address> leaving;  // stopping, not ended yet
  std::vector<completion<done>> stop_waiters;
};

}  // namespace banyan
