// The query actor of a view: answers from the view's tables, after a bounded wait for the position that a query
// presents.
#pragma once

#include <banyan/actor/actor.hpp>
#include <banyan/actor/actor_ref.hpp>
#include <banyan/cqrs/projection.hpp>
#include <banyan/cqrs/view_progress.hpp>
#include <banyan/observability/metrics.hpp>
#include <banyan/observability/tracer.hpp>

#include <memory>
#include <string>

namespace banyan {

// Metrics of the queries to one view. Default-constructed, they count nothing.
struct query_meters {
  histogram seconds;  // from query to answer, including the wait for its position
  counter failed;
  static query_meters of(metrics_registry& m, const std::string& view) {
    return {m.histogram("banyan_query_seconds", "From a query to its answer, waiting for a position included.", {{"view", view}}),
            m.counter("banyan_query_failures_total", "Queries answered with an error of the view, such as that it is behind.",
                      {{"view", view}})};
  }
};

// A query with a position fails when the view can not show it: deadline_exceeded with reason "stale_view" when the
// view has not reached it in time, unavailable with reason "parked" when the event is held back with its stream.
// Exceptions of the view or its database go to the log; the caller does not see SQL.
//
// The query's deadline and cancellation are passed to the store, which drops waiting reads and interrupts running
// ones. On a damaged file the actor notifies the projection, which rebuilds the view.
class query_actor final : public actor {
 public:
  // `projection` is read only when needed: it may start later than this actor, and be replaced.
  query_actor(const query_spec& spec, view_store& store, const actor_ref& projection, std::shared_ptr<view_progress> progress,
              const query_meters& meters = {})
      : spec_{spec}, store_{store}, projection_{projection}, progress_{std::move(progress)}, meters_{meters} {}

  behavior make_behavior() override;
  bool isolates_requests() const override { return true; }
  bool runs_inline() const override { return true; }  // a slow read is done by the store's threads

 private:
  task<void> answer(const query_spec::query& q, message_ptr request);
  task<void> answer_from_view(const query_spec::query& q, message_ptr request, span_scope& span);
  span_scope begin_span(const query_spec::query& q, const message& request) const;
  void fail(message& request, error why, span_scope& span);
  error without_details(const message& request, error why) const;
  error stale() const;
  bool shows(position wanted) const;
  task<result<done>> catch_up(position wanted, nanoseconds limit);

  const query_spec& spec_;
  view_store& store_;
  const actor_ref& projection_;
  std::shared_ptr<view_progress> progress_;
  query_meters meters_;
};

}  // namespace banyan
