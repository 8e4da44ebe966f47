// The timed events of a simulation: actions ordered by time, then by insertion. Each has an owner (a node), so that
// the actions of a crashed node can be removed, and those of a paused one delayed.
#pragma once

#include <banyan/core/time.hpp>

#include <functional>
#include <map>

namespace banyan {

class timeline {
 public:
  using owner = int;                   // a node's number
  static constexpr owner nobody = -1;  // the world, clients, messages in flight
  static constexpr owner faults = -2;  // planned faults

  void add(monotonic at, owner whose, std::function<void()> what);
  monotonic next() const { return due_.empty() ? monotonic::max() : due_.begin()->first; }
  // Runs the actions due at `now`, in order, including those added meanwhile; true when there was any.
  bool run_due(monotonic now);

  void forget(owner whose);
  void hold(owner whose, monotonic until);  // delays its actions due before `until` to that time

 private:
  struct entry {
    owner whose;
    std::function<void()> what;
  };
  std::multimap<monotonic, entry> due_;
  std::map<owner, monotonic> held_;
};

}  // namespace banyan
