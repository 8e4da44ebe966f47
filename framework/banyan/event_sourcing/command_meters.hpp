// Metrics of an aggregate's commands. Default-constructed, they count nothing.
#pragma once

#include <banyan/observability/metrics.hpp>

#include <string>

namespace banyan {

struct command_meters {
  counter accepted;   // decided and durable
  counter refused;    // by the aggregate's decision or validation
  counter repeated;   // repeats, answered with the stored reply
  counter failed;     // could not be decided or stored
  counter conflicts;  // decided again after a version conflict
  histogram seconds;  // from command to durable answer, seconds

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
