// Metrics of a kind of sagas. Default-constructed, they count nothing.
#pragma once

#include <banyan/observability/metrics.hpp>
#include <banyan/saga/record.hpp>

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace banyan {

struct saga_meters {
  counter started;
  std::array<counter, 5> ended;  // by saga_outcome
  counter turns;                 // stored
  counter steps;                 // attempts to ask a step or an undo action
  counter retries;               // those that were not the first attempt of an activation
  counter conflicts;             // turns displaced by another owner's
  counter blocked;               // sagas found to be blocked
  counter queries;               // attempts to find out the outcome of a step by its query
  counter attention;             // steps that were left to a person
  counter throws;                // turns whose code threw
  counter warnings;              // sagas near a limit
  // Recorded answers of an operation: "ok", "refused" (not applied), "failed" (applied, with an error).
  std::function<void(const std::string& operation, const char* outcome)> answered = [](const auto&, const char*) {};

  // To look a counter up in the registry takes longer than all else that is done with an answer.
  struct known_answers {
    std::mutex lock;
    std::map<std::string, std::map<std::string_view, counter>> counters;  // by operation and outcome
  };
  static saga_meters of(metrics_registry& m, const std::string& saga) {
    const auto ending = [&](const char* how) {
      return m.counter("banyan_sagas_ended_total", "Sagas that ended.", {{"saga", saga}, {"outcome", how}});
    };
    const auto counted = [&](const char* name, const char* what) { return m.counter(name, what, {{"saga", saga}}); };
    return {counted("banyan_sagas_started_total", "Sagas that were started."),
            {ending("done"), ending("undone"), ending("attention"), ending("abandoned"), ending("again")},
            counted("banyan_saga_turns_total", "Turns of sagas that were stored."),
            counted("banyan_saga_steps_total", "Attempts to ask a step or an undo action."),
            counted("banyan_saga_retries_total", "Attempts after the first one."),
            counted("banyan_saga_conflicts_total", "Turns that another owner of the saga had displaced."),
            counted("banyan_sagas_blocked_total", "Sagas found to be blocked."),
            counted("banyan_saga_queries_total", "Attempts to find out the outcome of a step by another operation."),
            counted("banyan_saga_attention_total", "Steps whose outcome a person must find out."),
            counted("banyan_saga_throws_total", "Turns whose code threw."),
            counted("banyan_saga_warnings_total", "Sagas that came near a limit, by limit and activation."),
            [&m, saga, known = std::make_shared<known_answers>()](const std::string& operation, const char* outcome) {
              const std::lock_guard held{known->lock};
              auto& of_operation = known->counters[operation];
              auto found = of_operation.find(outcome);
              if (found == of_operation.end()) {
                const auto c = m.counter("banyan_saga_answers_total", "Recorded answers of steps and undo actions.",
                                         {{"saga", saga}, {"operation", operation}, {"outcome", outcome}});
                found = of_operation.emplace(outcome, c).first;
              }
              found->second.add();
            }};
  }
};

}  // namespace banyan
