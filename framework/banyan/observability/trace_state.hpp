// The header `tracestate` of W3C Trace Context: what tracing systems tell each other about a trace, a list of
// key=value members (https://www.w3.org/TR/trace-context-1/#tracestate-header). It is passed on as it came; this
// framework adds no member of its own.
//
//   auto state = read_tracestate(values);   // of all tracestate headers of a request, in their order
//   if (state) headers.set("tracestate", *state);
//
// Rules:
//   several headers are one list; empty members and the white space around members are left out
//   a malformed key or value, or more than 32 members: the whole list is dropped
//   a key that occurs again: the first member of that key, the latest one, is kept
//   more than 512 characters: members longer than 128 are left out, the last first, then the last members
// Without a valid traceparent there is no trace that a tracestate could belong to: it is not read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

inline constexpr std::size_t max_tracestate_members = 32, max_tracestate_size = 512;

// Nothing: no member, or dropped.
std::optional<std::string> read_tracestate(const std::vector<std::string_view>& headers);

}  // namespace banyan
