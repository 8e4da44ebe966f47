// What a link notes of one call; internal to ambassador/.
#pragma once

#include <banyan/ambassador/call_chain.hpp>

namespace banyan {

struct call_chain::note {
  enum class stage : std::uint8_t { begun, past_rate, admitted };
  const operation* of = nullptr;  // null: not declared in a plan
  breaker_permit permit;          // of the link's breaker
  stage at = stage::begun;
  bool is_open = true;            // finish() has not been called
  bool is_cancelled = false;
  bool is_carried = false;        // by carry_on(), which counts its attempts
  bool has_permit_of_limit = false;
};

}  // namespace banyan
