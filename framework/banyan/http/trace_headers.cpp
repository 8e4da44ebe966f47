#include <banyan/http/trace_headers.hpp>

#include <banyan/observability/trace.hpp>
#include <banyan/observability/trace_state.hpp>

#include <vector>

namespace banyan {

trace_headers read_trace_headers(const header_list& headers) {
  trace_headers given;
  std::size_t parents = 0;
  std::vector<std::string_view> states;
  for (const auto& [name, value] : headers) {
    if (equal_ignoring_case(name, "traceparent") && ++parents == 1) given.parent = value;
    if (equal_ignoring_case(name, "tracestate")) states.emplace_back(value);
  }
  if (parents != 1 || !parse_traceparent(given.parent)) return {};
  if (!states.empty())
    if (auto state = read_tracestate(states)) given.state = std::make_shared<const std::string>(std::move(*state));
  return given;
}

void set_trace_headers(header_list& headers, std::string_view traceparent,
                       const std::shared_ptr<const std::string>& tracestate) {
  headers.remove("traceparent");
  headers.remove("tracestate");
  if (traceparent.empty()) return;
  headers.add("traceparent", std::string{traceparent});
  if (tracestate && !tracestate->empty()) headers.add("tracestate", *tracestate);
}

}  // namespace banyan
