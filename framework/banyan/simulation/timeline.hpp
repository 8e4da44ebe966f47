// What is due when, in a simulation: things to do, by instant and then by the order in which they were added. Each has an owner (a node),
// so that what a crashed node still had before it can be forgotten, and what a paused one has waits.
#pragma once

#include <banyan/core/time.hpp>

#include <functional>
#include <map>

namespace banyan {

class timeline {
 public:
  using owner = int;                   // a node's number
  static constexpr owner nobody = -1;  // the world, clients, messages on their way
  static constexpr owner faults = -2;  // faults to come

  void add(monotonic at, owner whose, std::function<void()> what);
  monotonic next() const { return due_.empty() ? monotonic::max() : due_.begin()->first; }
  // Does what is due by `now`, in order, and what that adds; true when there was anything.
  bool run_due(monotonic now);

  void forget(owner whose);
  void hold(owner whose, monotonic until);  // what it has before `until`, and gets before, is due then

 private:
  struct entry {
    owner whose;
    std::function<void()> what;
  };
  std::multimap<monotonic, entry> due_;
  std::map<owner, monotonic> held_;
};

}  // namespace banyan
