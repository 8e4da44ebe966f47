// The headers of W3C Trace Context in HTTP messages: `traceparent` and `tracestate`.
//
//   trace_headers given = read_trace_headers(request.headers);            // a server; empty texts: no trace
//   set_trace_headers(request.headers, span.traceparent(), given.state);  // a client, in the same trace
//
// A traceparent that is malformed or occurs several times is ignored, and so is the tracestate beside it.
#pragma once

#include <banyan/http/headers.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace banyan {

struct trace_headers {
  std::string parent;                        // traceparent; empty: none
  std::shared_ptr<const std::string> state;  // tracestate by the rules of observability/trace_state.hpp; null: none
};

trace_headers read_trace_headers(const header_list& headers);

// Replaces both. An empty traceparent removes them.
void set_trace_headers(header_list& headers, std::string_view traceparent,
                       const std::shared_ptr<const std::string>& tracestate);

}  // namespace banyan
