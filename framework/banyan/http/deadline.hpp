// Overflow-free "now plus time-out"; internal to http/. timespan::max() means never.
#pragma once

#include <banyan/core/time.hpp>

namespace banyan {

constexpr monotonic deadline_after(monotonic now, nanoseconds wait) {
  if (wait > nanoseconds::zero() && now > monotonic::max() - wait) return monotonic::max();
  return now + wait;
}

}  // namespace banyan
