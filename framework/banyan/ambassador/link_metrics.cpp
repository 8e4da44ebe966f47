#include <banyan/ambassador/link_metrics.hpp>

namespace banyan {

std::string_view to_string(link_part p) {
  constexpr std::array<std::string_view, 4> names{"rate", "limit", "breaker", "endpoints"};
  return names[static_cast<std::size_t>(p)];
}

link_metrics::link_metrics(metrics_registry& registry, const std::string& service, const std::string& to) {
  const auto with = [&](metric_labels more) {
    metric_labels all{{"service", service}, {"to", to}};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  const auto calls = [&](const char* result) {
    return registry.counter("banyan_link_calls_total", "Calls of a service through a link.",
                            with({{"result", result}}));
  };
  succeeded = calls("success");
  failed = calls("failure");
  refused = calls("refused");
  cancelled = calls("cancelled");
  for (std::size_t i = 0; i < refused_by.size(); ++i)
    refused_by[i] = registry.counter("banyan_link_refused_total", "Calls refused by a part of their link.",
                                     with({{"part", std::string{to_string(static_cast<link_part>(i))}}}));
  constexpr std::array<const char*, 3> kinds{"first", "retry", "hedge"}, results{"success", "failure", "cancelled"};
  for (std::size_t k = 0; k < 3; ++k)
    for (std::size_t r = 0; r < 3; ++r)
      attempts[k][r] = registry.counter("banyan_link_attempts_total", "Attempts of calls.",
                                        with({{"kind", kinds[k]}, {"result", results[r]}}));
  unaffordable = registry.counter("banyan_link_retries_refused_total",
                                  "Failures that were not retried because the budget was spent.", with({}));
  call_seconds = registry.histogram("banyan_link_call_seconds", "From a call to its end.", with({}));
  attempt_seconds = registry.histogram("banyan_link_attempt_seconds", "From sending an attempt to its end.", with({}));
  in_flight = registry.gauge("banyan_link_in_flight", "Calls under way.", with({}));
  waiting = registry.gauge("banyan_link_waiting", "Calls that wait for the bulkhead.", with({}));
}

}  // namespace banyan
