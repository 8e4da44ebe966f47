// The metrics of one link. Labels: service, to.
//
//   banyan_link_calls_total          calls by result: success (also a refusal of the other service), failure,
//                                    refused (by a part of the link), cancelled (the caller gave up)
//   banyan_link_call_seconds         from the call to its end
//   banyan_link_attempts_total       attempts by result and kind: first, retry, hedge
//   banyan_link_attempt_seconds      from sending an attempt to its end; not of a first attempt within the node that
//                                    succeeded, whose time is that of the call
//   banyan_link_retries_refused_total   failures that were not retried because the budget was spent
//   banyan_link_refused_total        refusals by part: rate, limit, breaker, endpoints
//   banyan_link_in_flight, _waiting  calls now, and those that wait for the bulkhead
#pragma once

#include <banyan/observability/metrics.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace banyan {

enum class link_part : std::uint8_t { rate, limit, breaker, endpoints };
std::string_view to_string(link_part p);
enum class attempt_kind : std::uint8_t { first, retry, hedge };

struct link_metrics {
  link_metrics(metrics_registry& registry, const std::string& service, const std::string& to);

  counter succeeded, failed, refused, cancelled;
  std::array<counter, 4> refused_by;                    // by link_part
  std::array<std::array<counter, 3>, 3> attempts;       // by attempt_kind, then success, failure, cancelled
  counter unaffordable;
  histogram call_seconds, attempt_seconds;
  gauge in_flight, waiting;
};

}  // namespace banyan
