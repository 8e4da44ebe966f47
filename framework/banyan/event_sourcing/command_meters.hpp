// What is counted of the commands of one aggregate. Made by default it counts nothing.
#pragma once

#include <banyan/observability/metrics.hpp>

#include <string>

namespace banyan {

struct command_meters {
  counter accepted;   // decided and durable
  counter refused;    // by the aggregate: its decision, or its check that needs no state
  counter repeated;   // answered as the first time
  counter failed;     // not decided, or not stored
  counter conflicts;  // decided again, because the stream had moved on
  histogram seconds;  // from command to durable answer

  static command_meters of(metrics_registry& m, const std::string& aggregate) {
    const auto outcome = [&](const char* what) {
      return m.counter("banyan_commands_total", "Commands answered.", {{"aggregate", aggregate}, {"outcome", what}});
    };
    return {outcome("accepted"),
            outcome("refused"),
            outcome("repeated"),
            outcome("failed"),
            m.counter("banyan_command_conflicts_total", "Commands decided again because their stream had moved on.",
                      {{"aggregate", aggregate}}),
            m.histogram("banyan_command_seconds", "From a command to its durable answer.", {{"aggregate", aggregate}})};
  }
};

}  // namespace banyan
