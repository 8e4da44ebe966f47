// Laws of a simulated system: what holds whatever the seed and whatever breaks. Declared once, checked after each run
// of simulate(), and during the runs at an interval of choice.
//
//   const std::vector<law> laws{
//       {"an order is placed once", [](simulation& world) { return first_placed_twice(world); }, 100ms},
//       {"every order is confirmed", [](simulation& world) { return first_unconfirmed(world); }},
//   };
//   const auto report = simulate(app, {.seeds = 50, .laws = laws}, place_orders);
//
// A law that needs what a scenario knows, such as what its clients were told, is declared there:
//
//   std::set<std::string> promised;
//   const auto lost = [&](simulation&) { return first_lost(world, promised); };
//   checked_laws kept{world, {{"what was acknowledged is stored", lost}}};
//   world.run_for(1min);
//   world.heal();
//   world.run_for(1min);
//   kept.check();
//
// A broken law throws broken_law, which is how a run of simulate() fails: the report has the law, the seed and the
// command that replays the run (simulate.hpp).
#pragma once

#include <banyan/simulation/simulation.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace banyan {

struct law {
  std::string name;  // a constant sentence, by which a smaller run is known to break the same law
  // What is wrong, for a person; none: the law holds.
  std::function<std::optional<std::string>(simulation&)> broken_by;
  // Zero: checked at the end only. Otherwise also while the world runs, after the first step in each interval; 1ns:
  // after every step. Such a check only looks (it may not run the world), and does not change the run: the trace is the
  // same.
  timespan every = {};
};

class checked_laws {
 public:
  // Begins the checks at intervals. The world must outlive this, and what the laws refer to as well.
  checked_laws(simulation& world, std::vector<law> laws);
  ~checked_laws();
  checked_laws(const checked_laws&) = delete;
  checked_laws& operator=(const checked_laws&) = delete;

  // Checks all laws, in their order. Throws broken_law. A law without an interval may run the world here, to ask it
  // something.
  void check() const;

 private:
  struct watched {
    law what;
    monotonic due;
  };
  void check_due();
  simulation& world_;
  std::vector<watched> laws_;
  std::shared_ptr<void> observer_;
};

}  // namespace banyan
