// Deletes the stored answers of one category's commands that are beyond their horizon: once an hour, in bounded
// steps, between which the journal serves other requests.
//
//   event_sourced<order>{.journal = "orders", .command_age = 48h, .commands_per_stream = 100}
//
// The horizon is a minimum: an active entity may still know up to a thousand commands that the journal has
// forgotten.
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
