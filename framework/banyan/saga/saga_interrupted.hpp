// Internal to the room: thrown out of the saga's code when the machine has blocked the saga (it says why), and values
// that the machine gives in place of decoded ones.
#pragma once

#include <banyan/saga/ledger.hpp>

namespace banyan {

struct saga_interrupted {};

// The value of a timer that fired.
std::shared_ptr<const void> saga_timer_value();
// The answer of a step when its type is not known: ok, or the error.
result<saga_decoded> saga_untyped_answer(std::string_view json);

}  // namespace banyan
