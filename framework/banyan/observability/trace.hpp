// Trace context: connects the messages, in this and other processes, that serve one external request. W3C Trace
// Context, level 1 (https://www.w3.org/TR/trace-context-1/): the header `traceparent` names the trace and the
// sender's span.
//
//   auto trace = continue_trace(request.headers.get("traceparent"), random);  // the caller's trace, or a new one
//   context->trace = to_string(trace);                                        // travels in every message that follows
//   log.of(context->trace).warning("payment is slow");  // ... and into the log, as trace=4bf92f...
//
// An invalid header is ignored, as the specification demands; the request is not an error.
#pragma once

#include <banyan/core/ids.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace banyan {

struct trace_context {
  std::uint64_t high = 0, low = 0;  // the trace id, 16 bytes, never all zero
  std::uint64_t step = 0;           // the header's "parent-id", the sender's span; never zero
  bool sampled = false;             // the caller may have recorded this trace
  friend bool operator==(const trace_context&, const trace_context&) = default;
};

// Parses "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01". Of a later version the fields known today are
// read, as the specification demands; nothing when malformed.
std::optional<trace_context> parse_traceparent(std::string_view text);
std::string to_string(const trace_context& trace);  // in version 00

// A new span in the trace of `traceparent`; when that is empty or malformed, the first span of a new trace
// (sampled).
trace_context continue_trace(std::string_view traceparent, random_source& random);

}  // namespace banyan
