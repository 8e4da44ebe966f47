// What a finished call means to a circuit breaker: a failure of the dependency, a success (also when the answer is an
// error, such as `not_found`: the dependency works), or nothing.
//
//   r ? call_outcome::success : outcome_of(r.error())
//
// Failures: unavailable, deadline_exceeded, exhausted, corrupt, internal. Ignored: the refusal of another breaker,
// for the call never reached the dependency. All other errors are answers. Where that is wrong, pass a function of
// one's own (guarded.hpp).
#pragma once

#include <banyan/core/error.hpp>

#include <boost/describe.hpp>

#include <cstdint>
#include <string_view>

namespace banyan {

enum class call_outcome : std::uint8_t {
  success,
  failure,
  ignored,  // changes no statistic; a probe's permit returns (the caller cancelled, the call never began)
};
BOOST_DESCRIBE_ENUM(call_outcome, success, failure, ignored)

// The `reason` of a breaker's refusals.
inline constexpr std::string_view circuit_open = "circuit_open";

call_outcome outcome_of(const error& e);

}  // namespace banyan
