// The tracer makes spans and queues them for an exporter. Every actor system has one (actor_system::tracer()); it
// records nothing until an exporter calls record().
//
//   span_scope span = tracer.begin(context->trace, span_kind::client, "payments charge");
//   span.set("server.address", host).set("banyan.attempt", attempt);
//   if (span.is_recorded()) headers.set("traceparent", span.traceparent());   // else the parent's is passed on
//
//   span.end();            // or end(error); a scope that is destroyed ends its span
//
// The parent is a traceparent (trace.hpp). An empty or malformed one begins a new trace. Whether a new trace is
// sampled is decided by `trace_sampling`; below it, the parent's sampled flag decides, so that a trace is recorded
// whole or not at all.
//
// Cost: while nothing is recorded, begin() is one relaxed load, and all else a test of a null pointer (bench_tracing).
// Recorded spans go into a lock-free queue of fixed capacity: ending a span never blocks; if the queue is full, the
// span is dropped and counted.
//
// Thread-safe, except that a span_scope belongs to one thread at a time. A scope may outlive its tracer.
#pragma once

#include <banyan/core/error.hpp>
#include <banyan/core/ids.hpp>
#include <banyan/observability/span.hpp>

#include <atomic>
#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace banyan {

// Which traces are recorded: a share of the new ones, chosen by the trace id as OpenTelemetry's TraceIdRatioBased
// sampler does; of traces begun elsewhere those with the sampled flag, or, unless `follows_parent`, the same share.
struct trace_sampling {
  double ratio = 1;  // 0 to 1
  bool follows_parent = true;
  bool samples(const trace_context& trace, bool has_parent) const noexcept;
};

struct tracer_options {
  std::size_t capacity = 8'192;  // spans that wait for the exporter; at most 65,000
  trace_sampling sampling = {};
  random_source* random = nullptr;  // of span ids, but those of enter(); null: the tracer's
  std::size_t batch = 512;
  std::function<void()> batch_ready = {};  // called when `batch` more spans wait; must be quick and not throw
};

struct tracer_counters {
  std::uint64_t recorded = 0;
  std::uint64_t dropped = 0;  // the queue was full
};

namespace detail {
struct tracer_state;
struct recorded_span;
struct recorded_span_deleter {
  void operator()(recorded_span* s) const noexcept;  // ends it
};
}  // namespace detail

class span_scope {
 public:
  span_scope() = default;
  explicit span_scope(detail::recorded_span* adopt) noexcept : record_{adopt} {}

  bool is_recorded() const noexcept { return record_ != nullptr; }
  // Of this span, for the context and headers of what it causes. Empty: not recorded, pass the parent's on.
  const std::string& traceparent() const noexcept;

  // The attribute `key`; a later one of the same key is added, not replaced. `value`: bool, number, or text.
  template <class V>
  span_scope& set(std::string_view key, const V& value) {
    if (!record_) return *this;
    if constexpr (std::same_as<V, bool>) add(key, value);
    else if constexpr (std::integral<V>) add(key, static_cast<std::int64_t>(value));
    else if constexpr (std::floating_point<V>) add(key, static_cast<double>(value));
    else add(key, text(value));
    return *this;
  }
  span_scope& event(std::string_view name);
  span_scope& link(std::string_view traceparent);  // a malformed one is ignored
  span_scope& rename(std::string_view name);
  span_scope& with_state(std::shared_ptr<const std::string> trace_state);

  void end() { record_.reset(); }
  void end(span_status status, std::string_view message = {});
  // Status error, with the attributes error.type (the code) and banyan.outcome.
  void end(const error& why);

 private:
  void add(std::string_view key, attribute_value value);
  static attribute_value text(std::string_view value);
  std::unique_ptr<detail::recorded_span, detail::recorded_span_deleter> record_;
};

class tracer {
 public:
  // `random` null: system_random(). Both must outlive the tracer's last span.
  explicit tracer(const banyan::clock& clock = system_clock(), random_source* random = nullptr);
  tracer(const tracer&) = delete;
  tracer& operator=(const tracer&) = delete;
  ~tracer();

  // Records spans from now on. Call it once; later calls do nothing.
  void record(tracer_options options = {});
  void stop() noexcept;  // spans that begin later are not recorded
  bool is_recording() const noexcept { return is_recording_->load(std::memory_order_relaxed); }

  span_scope begin(std::string_view parent, span_kind kind, std::string_view name) {
    if (!is_recording()) [[likely]] return {};
    return begin_recorded(parent, kind, name);
  }

  // The span of a request from outside the process. It has a traceparent also if it is not recorded.
  struct entry {
    std::string traceparent;
    span_scope span;
  };
  entry enter(std::string_view parent, span_kind kind, std::string_view name);

  // For the exporter: removes up to `most` ended spans, in the order of their ends.
  std::vector<span> take(std::size_t most);
  std::size_t waiting() const noexcept;  // spans to take, approximately
  tracer_counters counters() const noexcept;

 private:
  span_scope begin_recorded(std::string_view parent, span_kind kind, std::string_view name);
  std::shared_ptr<detail::tracer_state> state_;
  const std::atomic<bool>* is_recording_;  // in *state_
};

}  // namespace banyan
