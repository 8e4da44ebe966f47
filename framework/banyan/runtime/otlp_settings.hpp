// The settings of the export to an OpenTelemetry collector: their texts, and the environment variables that
// OpenTelemetry defines for them. They are applied like other sources of configuration (configuration.hpp): after
// files, before variables BANYAN_...; `describe` shows them as origin.
//
//   variable                      setting                    its value
//   OTEL_EXPORTER_OTLP_ENDPOINT   otlp_endpoint              base URL; /v1/traces and /v1/metrics are appended
//   OTEL_EXPORTER_OTLP_HEADERS    otlp_headers               name=value,... percent-encoded
//   OTEL_EXPORTER_OTLP_TIMEOUT    otlp_timeout               milliseconds
//   OTEL_METRIC_EXPORT_INTERVAL   otlp_metric_interval       milliseconds
//   OTEL_SERVICE_NAME             otlp_service_name
//   OTEL_RESOURCE_ATTRIBUTES      otlp_resource_attributes   key=value,... percent-encoded
//   OTEL_SDK_DISABLED             otlp_disabled              "true"; anything else: false
//   OTEL_TRACES_SAMPLER           trace_sampler
//   OTEL_TRACES_SAMPLER_ARG       trace_sampler_ratio        0 to 1
//
// An empty variable is like one that is not set.
#pragma once

#include <banyan/core/ids.hpp>
#include <banyan/runtime/node_settings.hpp>
#include <banyan/runtime/otlp_exporter.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace banyan {

// The setting that a variable sets, and its value as a text of the configuration; none: no variable of the table.
struct otlp_variable {
  std::string setting, value;
};
std::optional<otlp_variable> read_otlp_variable(std::string_view name, std::string_view value);

// "a=1, b=x%20y" -> {"a", "1"}, {"b", "x y"}. None: a member without "=", an empty name, an invalid escape.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_otlp_list(std::string_view text);

bool is_otlp_endpoint(std::string_view text);  // empty, or an http or https URL without query and fragment
bool are_otlp_headers(std::string_view text);
bool are_otlp_attributes(std::string_view text);

bool exports_otlp(const node_settings& s);

// `s` must be valid. `instance` is the attribute service.instance.id.
otlp_options otlp_options_of(const node_settings& s, std::string_view application, const uuid& instance);

}  // namespace banyan
