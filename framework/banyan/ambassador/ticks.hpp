// A time as a number, for atomics: nanoseconds since the clock's origin.
#pragma once

#include <banyan/core/time.hpp>

#include <cstdint>

namespace banyan::detail {

inline std::int64_t ticks(monotonic t) { return t.time_since_epoch().count(); }

}  // namespace banyan::detail
