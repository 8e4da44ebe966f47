#include <banyan/observability/otlp.hpp>

#include <banyan/core/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace banyan {

namespace {

// Values of OTLP's enumerations.
constexpr int cumulative = 2;
constexpr std::uint32_t sampled_flag = 0x1, has_is_remote = 0x100, is_remote = 0x200;

// Writes JSON objects and arrays; puts the commas.
class writer {
 public:
  explicit writer(std::string& out) : out_{out} {}

  writer& key(std::string_view name) {
    comma();
    out_.append("\"").append(name).append("\":");
    after_key_ = true;
    return *this;
  }
  writer& text(std::string_view value) {
    comma();
    append_json(out_, std::string{value});
    return *this;
  }
  writer& number(std::uint64_t n) { return raw(std::to_string(n)); }
  // A 64-bit integer.
  template <class N>
  writer& big(N n) {
    return raw('"' + std::to_string(n) + '"');
  }
  writer& real(double x) {
    if (std::isnan(x)) return raw("\"NaN\"");
    if (std::isinf(x)) return raw(x > 0 ? "\"Infinity\"" : "\"-Infinity\"");
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, x).ptr;
    return raw({digits, static_cast<std::size_t>(end - digits)});
  }
  writer& boolean(bool b) { return raw(b ? "true" : "false"); }
  template <class F>
  writer& object(F members) {
    return nested('{', '}', members);
  }
  template <class F>
  writer& array(F elements) {
    return nested('[', ']', elements);
  }

 private:
  writer& raw(std::string_view value) {
    comma();
    out_.append(value);
    return *this;
  }
  void comma() {
    if (!after_key_ && !out_.empty() && out_.back() != '{' && out_.back() != '[') out_ += ',';
    after_key_ = false;
  }
  template <class F>
  writer& nested(char open, char close, F content) {
    comma();
    out_ += open;
    content();
    out_ += close;
    return *this;
  }
  std::string& out_;
  bool after_key_ = false;
};

std::string hex(std::uint64_t n) {
  std::string digits(16, '0');
  for (std::size_t i = 0; i < 16; ++i) digits[i] = "0123456789abcdef"[(n >> (60 - 4 * i)) & 15];
  return digits;
}

std::string trace_id(const trace_context& t) { return hex(t.high) + hex(t.low); }

std::int64_t nanos(instant t) { return std::max<std::int64_t>(0, t.time_since_epoch().count()); }

void write_value(writer& w, const attribute_value& v) {
  w.object([&] {
    if (const auto* b = std::get_if<bool>(&v)) w.key("boolValue").boolean(*b);
    else if (const auto* i = std::get_if<std::int64_t>(&v)) w.key("intValue").big(*i);
    else if (const auto* d = std::get_if<double>(&v)) w.key("doubleValue").real(*d);
    else w.key("stringValue").text(std::get<std::string>(v));
  });
}

void write_attribute(writer& w, std::string_view key, const attribute_value& value) {
  w.object([&] {
    w.key("key").text(key);
    w.key("value");
    write_value(w, value);
  });
}

void write_attributes(writer& w, const std::vector<span_attribute>& all) {
  if (all.empty()) return;
  w.key("attributes").array([&] {
    for (const auto& a : all) write_attribute(w, a.key, a.value);
  });
}

void write_labels(writer& w, const metric_labels& labels) {
  if (labels.empty()) return;
  w.key("attributes").array([&] {
    for (const auto& [name, value] : labels) write_attribute(w, name, value);
  });
}

void write_scope(writer& w, const otlp_resource& r) {
  w.key("scope").object([&] { w.key("name").text("banyan").key("version").text(r.scope_version); });
}

// Resource{ scope{ content } }, the frame of both requests.
template <class F>
std::string request(const otlp_resource& r, std::string_view resources, std::string_view scopes, F content) {
  std::string out;
  writer w{out};
  w.object([&] {
    w.key(resources).array([&] {
      w.object([&] {
        w.key("resource").object([&] { write_attributes(w, r.attributes); });
        w.key(scopes).array([&] {
          w.object([&] {
            write_scope(w, r);
            content(w);
          });
        });
      });
    });
  });
  return out;
}

void write_extras(writer& w, const span& s) {
  if (s.dropped_attributes) w.key("droppedAttributesCount").number(s.dropped_attributes);
  if (!s.events.empty())
    w.key("events").array([&] {
      for (const auto& e : s.events)
        w.object([&] { w.key("timeUnixNano").big(nanos(e.at)).key("name").text(e.name); });
    });
  if (s.dropped_events) w.key("droppedEventsCount").number(s.dropped_events);
  if (!s.links.empty())
    w.key("links").array([&] {
      for (const auto& l : s.links)
        w.object([&] {
          w.key("traceId").text(trace_id(l)).key("spanId").text(hex(l.step));
          w.key("flags").number(l.sampled ? sampled_flag : 0);
        });
    });
  if (s.dropped_links) w.key("droppedLinksCount").number(s.dropped_links);
}

void write_span(writer& w, const span& s) {
  w.object([&] {
    w.key("traceId").text(trace_id(s.self)).key("spanId").text(hex(s.self.step));
    if (s.trace_state) w.key("traceState").text(*s.trace_state);
    if (s.parent) w.key("parentSpanId").text(hex(s.parent));
    w.key("flags").number((s.self.sampled ? sampled_flag : 0) | has_is_remote | (s.parent_is_remote ? is_remote : 0));
    w.key("name").text(s.name).key("kind").number(static_cast<std::uint64_t>(s.kind));
    w.key("startTimeUnixNano").big(nanos(s.begun)).key("endTimeUnixNano").big(nanos(s.ended));
    write_attributes(w, s.attributes);
    write_extras(w, s);
    w.key("status").object([&] {
      if (!s.message.empty()) w.key("message").text(s.message);
      if (s.status != span_status::unset) w.key("code").number(static_cast<std::uint64_t>(s.status));
    });
  });
}

std::string_view unit_of(std::string_view name) {
  if (name.ends_with("_total")) name.remove_suffix(6);
  return name.ends_with("_seconds") ? "s" : name.ends_with("_bytes") ? "By" : "";
}

void write_histogram_point(writer& w, const metric_family& f, const metric_point& p) {
  std::uint64_t count = 0;
  for (const auto n : p.buckets) count += n;
  w.key("count").big(count).key("sum").real(p.value);
  w.key("bucketCounts").array([&] {
    for (const auto n : p.buckets) w.big(n);
  });
  w.key("explicitBounds").array([&] {
    for (const auto b : f.bounds) w.real(b);
  });
}

void write_metric(writer& w, const metric_family& f, instant started, instant now) {
  const bool is_gauge = f.kind == metric_kind::gauge, is_histogram = f.kind == metric_kind::histogram;
  const auto write_point = [&](const metric_point& p) {
    w.object([&] {
      write_labels(w, p.labels);
      if (!is_gauge) w.key("startTimeUnixNano").big(nanos(started));
      w.key("timeUnixNano").big(nanos(now));
      if (is_gauge) w.key("asDouble").real(p.value);
      else if (is_histogram) write_histogram_point(w, f, p);
      else w.key("asInt").big(static_cast<std::int64_t>(std::min<std::uint64_t>(p.count, INT64_MAX)));
    });
  };
  w.object([&] {
    w.key("name").text(f.name).key("description").text(f.help);
    if (const auto unit = unit_of(f.name); !unit.empty()) w.key("unit").text(unit);
    w.key(is_gauge ? "gauge" : is_histogram ? "histogram" : "sum").object([&] {
      w.key("dataPoints").array([&] {
        for (const auto& p : f.points) write_point(p);
      });
      if (!is_gauge) w.key("aggregationTemporality").number(cumulative);
      if (!is_gauge && !is_histogram) w.key("isMonotonic").boolean(true);
    });
  });
}

}  // namespace

otlp_resource make_resource(std::string_view service, std::string_view instance, std::string_view version,
                            std::vector<span_attribute> more) {
  otlp_resource r{std::move(more), std::string{version}};
  const auto add = [&](std::string_view key, std::string_view value) {
    const auto is_same = [&](const span_attribute& a) { return a.key == key; };
    if (std::none_of(r.attributes.begin(), r.attributes.end(), is_same))
      r.attributes.push_back({std::string{key}, std::string{value}});
  };
  add("service.name", service);
  add("service.instance.id", instance);
  add("telemetry.sdk.name", "banyan");
  add("telemetry.sdk.language", "cpp");
  add("telemetry.sdk.version", version);
  return r;
}

std::string encode_traces(const otlp_resource& resource, const std::vector<span>& spans) {
  return request(resource, "resourceSpans", "scopeSpans", [&](writer& w) {
    w.key("spans").array([&] {
      for (const auto& s : spans) write_span(w, s);
    });
  });
}

std::string encode_metrics(const otlp_resource& resource, const std::vector<metric_family>& metrics, instant started,
                           instant now) {
  return request(resource, "resourceMetrics", "scopeMetrics", [&](writer& w) {
    w.key("metrics").array([&] {
      for (const auto& f : metrics)
        if (!f.points.empty()) write_metric(w, f, started, now);
    });
  });
}

}  // namespace banyan
