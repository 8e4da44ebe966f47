// Traces: which messages, in this process and in others, serve one request from outside. The form is W3C Trace Context, level 1
// (https://www.w3.org/TR/trace-context-1/): a header `traceparent` that names the trace and the step of it that speaks.
//
//   auto trace = continue_trace(request.headers.get("traceparent"), random);   // the caller's trace, or a new one
//   context->trace = to_string(trace);                                         // travels in every message that follows
//   log.of(context->trace).warning("payment is slow");                         // ... and into the log, as trace=4bf92f...
//
// A header that does not follow the rules is no error of the request: it is as if it had not come.
#pragma once

#include <banyan/core/ids.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace banyan {

struct trace_context {
  std::uint64_t high = 0, low = 0;  // the trace id, 16 bytes, never all zero
  std::uint64_t step = 0;           // the "parent-id" of the header: whoever sent it; never zero
  bool sampled = false;             // the caller may have recorded this trace
  friend bool operator==(const trace_context&, const trace_context&) = default;
};

// "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01". Of a version that is yet to come what is known today is read, as the
// specification wants it; nothing when the text is malformed.
std::optional<trace_context> parse_traceparent(std::string_view text);
std::string to_string(const trace_context& trace);  // in version 00

// A step of our own in the trace that `traceparent` names; when that is empty or malformed, the first step of a new one (sampled: the log
// has it).
trace_context continue_trace(std::string_view traceparent, random_source& random);

}  // namespace banyan
