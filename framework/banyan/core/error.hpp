// The error type of the whole framework: a code for programs, a sentence for people, and what is known about the
// effect of the call.
//
// Use it as the error side of `result<T>` (result.hpp). A domain refusal ("not enough stock") is an error with code
// `refused` and a stable `reason`; it is a value, never an exception. Exceptions are for defects: one that leaves a
// handler ends its request (`handles`) or crashes its actor, which is restarted; its text goes to the log, not to
// the caller.
//
//   return error{code::invalid_argument, "quantity must not be zero"}.at("lines[2].quantity");
//   return error{code::refused, "only 3 left"}.because("out_of_stock");
//
// The codes are those of gRPC and Abseil, reduced to what a caller can treat differently. Over HTTP an error is an
// RFC 9457 problem document (problem_details.hpp).
#pragma once

#include <boost/describe.hpp>

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

namespace banyan {

enum class code : std::uint8_t {
  invalid_argument,   // the request is wrong in any state; do not retry
  not_found,          // the thing named does not exist
  conflict,           // the state changed (version conflict, id used twice); read again, then decide
  refused,            // a domain rule refuses it; `reason` names the rule
  deadline_exceeded,  // the deadline passed before the answer
  unavailable,        // a dependency is down, restarting or draining; retry later
  exhausted,          // a limit was reached (queue, rate, disk); retry after `retry_after`
  unauthenticated,    // the caller's identity is missing or not proven
  forbidden,          // the caller is known and lacks permission
  corrupt,            // stored data does not decode or is inconsistent
  internal,           // a defect of the program
  unimplemented,      // the operation does not exist here
};
BOOST_DESCRIBE_ENUM(code, invalid_argument, not_found, conflict, refused, deadline_exceeded, unavailable, exhausted, unauthenticated,
                    forbidden, corrupt, internal, unimplemented)

// What is known about the effect of a failed call. An `unknown` outcome (time-out, lost link, crash) is retried with
// the same command id, which is always safe, and is never compensated before it is known.
enum class outcome : std::uint8_t { not_applied, applied, unknown };
BOOST_DESCRIBE_ENUM(outcome, not_applied, applied, unknown)

struct [[nodiscard]] error {
  banyan::code code = banyan::code::internal;
  std::string message;                                  // one sentence for people; no secrets
  banyan::outcome outcome = banyan::outcome::not_applied;
  std::optional<std::chrono::milliseconds> retry_after;  // minimum wait before a retry
  std::string reason;                                   // stable, machine-readable: "out_of_stock"
  std::string field;                                    // path of the offending input: "lines[2].quantity"
  // A layer that retries this call has given up on it, so no layer above retries it. Travels between nodes and in
  // problem documents; not described, since it is of one call and never stored.
  bool retried = false;

  error() = default;
  error(banyan::code c, std::string text, banyan::outcome o = banyan::outcome::not_applied)
      : code{c}, message{std::move(text)}, outcome{o} {}

  error at(std::string path) && { field = std::move(path); return std::move(*this); }
  error because(std::string why) && { reason = std::move(why); return std::move(*this); }
  error after(std::chrono::milliseconds wait) && { retry_after = wait; return std::move(*this); }
  error marked_retried() && { retried = true; return std::move(*this); }

  friend bool operator==(const error&, const error&) = default;
};
BOOST_DESCRIBE_STRUCT(error, (), (code, message, outcome, retry_after, reason, field))

std::string_view to_string(code c);
std::string_view to_string(outcome o);
std::string to_string(const error& e);  // "refused (out_of_stock): only 3 left"; names `field`
std::ostream& operator<<(std::ostream& out, const error& e);

// Whether a later retry of the same call may succeed: deadline_exceeded, unavailable, exhausted.
bool is_retryable(code c);
// Whether the failure is of an engine or of the machine (a full disk, a locked or closed store) and not of the data at
// hand: unavailable, exhausted. What was tried stays valid, however often it fails this way.
bool is_transient(const error& e);

}  // namespace banyan
