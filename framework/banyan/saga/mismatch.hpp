// What a replay found: the saga's code does not ask for what it asked for then. The saga is blocked, nothing is
// appended, and the sentence names the turn, the recorded request and the present one.
//
//   turn 3, answered 2: recorded was step 4 payments.charge {"order":"o17"}, and now the code asks for timer 4
#pragma once

#include <banyan/core/message_codec.hpp>
#include <banyan/saga/record.hpp>

#include <string>

namespace banyan {

struct saga_mismatch {
  int turn = 0;
  std::string because;   // the notification, "answered 2"
  std::string recorded;  // "step 4 payments.charge {...}", or "nothing"
  std::string present;   // what the code asks for now
};
std::string to_string(const saga_mismatch& m);
error to_error(const saga_mismatch& m);  // conflict, reason "saga_mismatch"

// One line for people: kind, number, name, arguments (cut after 200 bytes), undo.
std::string describe(const saga_request& r);
std::string describe(const saga_notification& n);
std::string describe(const saga_ending& e);

// Whether two texts are one value by meaning: equal, or equal after the recorded one was read as today's type, so that
// an added optional member is no difference. `codec` is null when the type is not known.
bool is_same_value(const nested_json& recorded, const nested_json& present, const message_codec* codec);

// Whether the present request is the recorded one, undo apart. Not compared: the due time of a timer (the recorded one
// holds), and the arguments of a request that was refused.
bool is_same_request(const saga_request& recorded, const saga_request& present, const message_codec* arguments);
bool is_same_undo(const std::optional<saga_undo>& recorded, const std::optional<saga_undo>& present,
                  const message_codec* arguments);

// Results: of two errors code, reason, field and outcome are compared, the sentence is not.
bool is_same_result(const nested_json& recorded, const nested_json& present,
                    nested_json (*result_of_today)(const nested_json&), const message_codec* input);

}  // namespace banyan
