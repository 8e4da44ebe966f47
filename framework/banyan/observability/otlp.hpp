// OTLP/JSON: spans and metrics as bodies of the requests to a collector's /v1/traces and /v1/metrics. Sources: the
// OTLP specification, section "JSON Protobuf Encoding", and opentelemetry-proto
// (https://github.com/open-telemetry/opentelemetry-proto).
//
//   std::string body = encode_traces(resource, spans);        // ExportTraceServiceRequest
//   std::string other = encode_metrics(resource, metrics.read(), started, now);   // ExportMetricsServiceRequest
//
// Names are in lower camel case, ids in lower case hexadecimal, enumerators numbers, 64-bit integers decimal strings,
// NaN and infinities strings. A counter is a cumulative, monotonic sum; a histogram is cumulative, with explicit
// bounds. Names of metrics are those of /metrics, with "s" or "By" as unit where the name says seconds or bytes.
// No I/O: the exporter is runtime/otlp_exporter.hpp.
#pragma once

#include <banyan/observability/metrics.hpp>
#include <banyan/observability/span.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace banyan {

// What the data comes from: service.name, service.instance.id, telemetry.sdk.*, and what users add.
struct otlp_resource {
  std::vector<span_attribute> attributes;
  std::string scope_version;  // of the framework
};

// `more` replaces the attributes of the same keys.
otlp_resource make_resource(std::string_view service, std::string_view instance, std::string_view version,
                            std::vector<span_attribute> more = {});

std::string encode_traces(const otlp_resource& resource, const std::vector<span>& spans);
std::string encode_metrics(const otlp_resource& resource, const std::vector<metric_family>& metrics, instant started,
                           instant now);

}  // namespace banyan
