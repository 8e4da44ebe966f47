// A span: one operation of a trace with its duration, attributes and result, as OpenTelemetry defines it
// (https://opentelemetry.io/docs/specs/otel/trace/api/#span). A plain value; spans are made by a tracer (tracer.hpp)
// and encoded by otlp.hpp.
//
// All parts are bounded. What exceeds a bound is cut or left out, and counted in `dropped_*`.
#pragma once

#include <banyan/core/time.hpp>
#include <banyan/observability/trace.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace banyan {

struct span_limits {
  static constexpr std::size_t attributes = 64, events = 16, links = 8;
  static constexpr std::size_t text = 1'024;  // bytes of a name, key, value or message
};

// The values are those of OTLP's enum Span.SpanKind.
enum class span_kind : std::uint8_t {
  internal = 1,
  server = 2,    // handles a request from outside the process
  client = 3,    // sends one
  producer = 4,  // stores events or messages, whose consumers' spans are its children
  consumer = 5,  // handles one
};

// The values are those of OTLP's enum Status.StatusCode.
enum class span_status : std::uint8_t { unset = 0, ok = 1, error = 2 };

using attribute_value = std::variant<bool, std::int64_t, double, std::string>;
struct span_attribute {
  std::string key;
  attribute_value value;
  friend bool operator==(const span_attribute&, const span_attribute&) = default;
};

struct span_event {
  instant at;
  std::string name;
};

struct span {
  trace_context self;          // trace id, span id (`step`), sampled
  std::uint64_t parent = 0;    // span id; 0: the first span of its trace
  bool parent_is_remote = false;
  std::string name;            // few values: "GET /orders/{id}", never a path or an id
  span_kind kind = span_kind::internal;
  instant begun, ended;        // wall clock; their difference is from the monotonic clock
  std::vector<span_attribute> attributes;
  std::vector<span_event> events;
  std::vector<trace_context> links;  // other traces that this operation belongs to
  span_status status = span_status::unset;
  std::string message;         // of status error
  std::shared_ptr<const std::string> trace_state;  // tracestate; null: none
  std::uint32_t dropped_attributes = 0, dropped_events = 0, dropped_links = 0;
};

}  // namespace banyan
