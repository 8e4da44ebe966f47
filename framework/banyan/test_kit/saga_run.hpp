// Runs a saga against faked services, in virtual time: the part of saga.hpp without types.
#pragma once

#include <banyan/plan/operation.hpp>
#include <banyan/saga/machine.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace banyan::test_kit {

// A step or an undo action, as its service saw it.
struct asked_of_saga {
  std::string operation;  // wire name, "payments.charge"
  nested_json request;
  uuid command;           // the same whenever it is asked again
  timespan at;            // since the start, when it was asked first
};

// One run of the test.
struct saga_story {
  std::vector<asked_of_saga> steps, undone;     // in the order in which they were asked first
  std::vector<std::string> queries;             // wire names: asked to find out an outcome
  std::vector<std::string> published;           // stored names of domain events
  std::vector<std::string> statuses;
  saga_ending ending;
  timespan took;
  std::vector<std::string> history;             // the stored turns as JSON, of all its runs
};

// What happens to the saga, and what the services answer.
struct saga_script {
  using answer_function = std::function<result<nested_json>(const nested_json& request)>;
  struct fake {
    answer_function answer = {};  // empty: none is given
    int answers_lost = 0;         // the first ones; the step is then asked again, or its query is
    timespan takes = {};
  };
  struct happening {
    timespan at;
    saga_notification what;
  };
  std::map<std::string, fake> fakes;  // by wire name
  std::map<std::string, operation> operations;  // that it may ask: how an answer that was lost is found out
  std::vector<happening> happenings;
  saga_head head;
  instant start{std::chrono::sys_days{std::chrono::January / 1 / 2026}};
  saga_limits limits = {};
};

enum class saga_run_mode {
  plain,
  rebuilt,       // the frame is dropped after every turn, and built again from the record
  answers_lost,  // of each step and undo action the first answer is lost
};

// Throws expectation_failed (given_when_then.hpp) when the saga can not end, asks for what the test does not answer, or
// differs from its own record. Copies the script, and with it the state of the test's functions.
saga_story run_saga(const saga_code& code, saga_script script, const nested_json& input, saga_run_mode mode);

// The plain run, after it was compared with the two others: all must have the same record.
saga_story run_saga_every_way(const saga_code& code, const saga_script& script, const nested_json& input);

// Replays the stored turns of the files *.jsonl in `folder`, one turn a line; a file may hold several sagas or runs one
// after another. `code_of` makes the code of a head. Throws expectation_failed with file and line of the first
// difference, and when there is no turn at all. The number of turns.
std::size_t replay_histories(const std::string& folder, const std::function<saga_code(const saga_head&)>& code_of);

}  // namespace banyan::test_kit
