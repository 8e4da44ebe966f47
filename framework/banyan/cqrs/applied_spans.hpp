// Spans of the events that a projection applies: one for each event, in the event's own trace, from the attempt to
// apply it until its transaction is stored. For one batch of projection_actor.
//
//   applied_spans spans{self().system().tracer(), spec.view};
//   spans.begin(batch, plan, after);     // for each plan that is tried: an event keeps the span that it has
//   spans.failed(i, why);                // the stream of batch[i] is parked
//   spans.stored(plan);                  // its transaction is
//
// An event without a trace, or whose trace is not sampled, has none, nor has one at or below position `after`: while a
// view is built from old events, millions of spans would displace those of what happens now. A span that is neither
// stored nor failed ends as an error with the object: its stream was parked by an earlier event, or the view stopped.
//
// Cost: while nothing is recorded, one relaxed load per batch; per event whose trace is not sampled, the reading of its
// traceparent, which is not measurable beside applying it; per span, a few microseconds (bench_tracing). One span for a
// batch, with a link to each event's trace, would cost less, but a span has at most 8 links, and a trace would end at
// the journal in most viewers.
#pragma once

#include <banyan/core/error.hpp>
#include <banyan/cqrs/projection_progress.hpp>
#include <banyan/observability/tracer.hpp>

#include <span>
#include <string>
#include <vector>

namespace banyan {

class applied_spans {
 public:
  // Both must outlive it.
  applied_spans(tracer& t, const std::string& view) : tracer_{t}, view_{view} {}
  applied_spans(const applied_spans&) = delete;
  applied_spans& operator=(const applied_spans&) = delete;
  ~applied_spans();

  void begin(std::span<const recorded_event> batch, const batch_plan& plan, position after);
  void failed(std::size_t at, const error& why);
  void stored(const batch_plan& plan);

 private:
  tracer& tracer_;
  const std::string& view_;
  std::vector<span_scope> open_;  // by index in the batch; empty while no event of it has one
};

}  // namespace banyan
