// Exports the spans of an actor system and the metrics of a node to an OpenTelemetry collector: POST of OTLP/JSON to
// ENDPOINT/v1/traces and ENDPOINT/v1/metrics.
//
//   auto options = otlp_options_of(settings, "shop", instance);            // otlp_settings.hpp
//   auto exporter = otlp_exporter::start(system.tracer(), node.metrics(), std::move(options));
//   (*exporter)->flush(2s);                                                // when nothing records any more
//
// One thread encodes and sends, over one keep-alive connection. Spans are sent when `batch` of them wait, and at
// least every `span_interval`. Delivery: otlp_delivery.hpp. Its failures are counted (banyan_otlp_...), and logged once
// a minute. The exporter's own requests are not traced.
//
// What it costs to export, and that a slow or dead collector delays no request: bench_tracing.
#pragma once

#include <banyan/http/headers.hpp>
#include <banyan/observability/metrics.hpp>
#include <banyan/observability/otlp.hpp>
#include <banyan/observability/tracer.hpp>
#include <banyan/runtime/otlp_delivery.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace banyan {

struct otlp_options {
  std::string endpoint = {};                         // base URL: "http://127.0.0.1:4318"
  header_list headers = {};                          // of every request, such as an API key
  timespan timeout = std::chrono::seconds{10};       // of one attempt
  timespan metric_interval = std::chrono::minutes{1};  // 0: no metrics
  timespan span_interval = std::chrono::seconds{1};
  std::size_t capacity = 8'192;                      // spans that wait to be encoded
  std::size_t batch = 512;                           // most spans of one request
  trace_sampling sampling = {};
  otlp_resource resource = {};
  otlp_delivery_limits delivery = {};
};

class otlp_exporter {
 public:
  // Begins to record. `tracer` and `metrics` must outlive it. Errors: invalid_argument, a URL that the HTTP client does
  // not understand.
  static result<std::unique_ptr<otlp_exporter>> start(tracer& tracer, metrics_registry& metrics, otlp_options options);
  ~otlp_exporter();  // without `flush`: drops what waits

  // Stops recording, sends what waits and the metrics once more, for at most `within`. False: something was dropped.
  bool flush(timespan within);

 private:
  struct impl;
  explicit otlp_exporter(std::unique_ptr<impl> i);
  std::unique_ptr<impl> impl_;
};

}  // namespace banyan
