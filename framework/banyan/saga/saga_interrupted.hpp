// Internal to the room: thrown out of the saga's code when the machine has blocked the saga (it says why), and values
// that the machine gives in place of decoded ones.
#pragma once

#include <banyan/saga/ledger.hpp>

namespace banyan {

struct saga_interrupted {};

// What the next run takes over, unread events and undo actions, may each be a quarter of a run's bytes.
inline constexpr std::int64_t carried_part = 4;

// invalid_argument, "too_large", at `what`: larger than `most` bytes, or nested so deep that its turn could not be
// read.
std::optional<error> does_not_fit(const nested_json& value, std::int64_t most, std::string_view what);

// The value of a timer that fired.
std::shared_ptr<const void> saga_timer_value();
// The answer of a step when its type is not known: ok, or the error.
result<saga_decoded> saga_untyped_answer(std::string_view json);

}  // namespace banyan
