// Has the journal forget the answers to commands of one category that are beyond their horizon: once an hour, step by
// step, so that appends do not wait for it. What a step forgets is bounded, and between two of them the journal does
// what was asked meanwhile.
//
//   event_sourced<order>{.journal = "orders", .command_age = 48h, .commands_per_stream = 100}
//
// An entity that is active may know more than the journal does: the newest thousand of what it has decided or loaded
// itself. That is no contradiction, since the horizon says what is remembered at least. What it loads is what the
// journal remembers then.
#pragma once

#include <banyan/actor/actor.hpp>
#include <banyan/journal/journal.hpp>
#include <banyan/observability/metrics.hpp>

#include <string>
#include <utility>

namespace banyan {

class command_forgetter final : public actor {
 public:
  static constexpr std::chrono::hours every{1};
  static constexpr std::chrono::milliseconds between_steps{100};

  command_forgetter(banyan::journal& j, std::string category, command_horizon horizon, counter forgotten_commands = {})
      : journal_{j}, category_{std::move(category)}, horizon_{horizon}, forgotten_commands_{forgotten_commands} {}

  behavior make_behavior() override { return {}; }
  void started() override { self().run(work()); }

 private:
  task<void> work();
  task<void> forget_all();

  banyan::journal& journal_;
  const std::string category_;
  const command_horizon horizon_;
  counter forgotten_commands_;
};

}  // namespace banyan
