// The query front of a view: it answers from the view's tables, after waiting (bounded) for the position that a query presents.
#pragma once

#include <banyan/actor/actor.hpp>
#include <banyan/actor/actor_ref.hpp>
#include <banyan/cqrs/projection.hpp>
#include <banyan/cqrs/view_progress.hpp>
#include <banyan/observability/metrics.hpp>

#include <memory>
#include <string>

namespace banyan {

// What is counted of the queries to one view. Made by default it counts nothing.
struct query_meters {
  histogram seconds;  // from query to answer, with the wait for the position that it presents
  counter failed;
  static query_meters of(metrics_registry& m, const std::string& view) {
    return {m.histogram("banyan_query_seconds", "From a query to its answer, waiting for a position included.", {{"view", view}}),
            m.counter("banyan_query_failures_total", "Queries answered with an error of the view, such as that it is behind.",
                      {{"view", view}})};
  }
};

// A query that presents a position is refused when the view can not show it: deadline_exceeded with reason "stale_view" when it has not got
// there in time, unavailable with reason "parked" when it holds that event back because its stream has one that can not be applied. What the
// view or its database throws is for the log: whoever asked is not shown statements.
//
// The query's deadline and cancellation go with it to the store, which drops what is due or cancelled and interrupts what runs. A query that
// meets a damaged file tells the projection, which builds the view anew.
class query_actor final : public actor {
 public:
  // `projection` is read when a query has to ask it, not before: it may start after this actor, and be replaced.
  query_actor(const query_spec& spec, view_store& store, const actor_ref& projection, std::shared_ptr<view_progress> progress,
              const query_meters& meters = {})
      : spec_{spec}, store_{store}, projection_{projection}, progress_{std::move(progress)}, meters_{meters} {}

  behavior make_behavior() override;
  bool isolates_requests() const override { return true; }

 private:
  task<void> answer(const query_spec::query& q, message_ptr request);
  task<void> answer_from_view(const query_spec::query& q, message_ptr request);
  void fail(message& request, error why);
  error without_details(const message& request, error why) const;
  error stale() const;
  task<result<done>> catch_up(position wanted, nanoseconds limit);

  const query_spec& spec_;
  view_store& store_;
  const actor_ref& projection_;
  std::shared_ptr<view_progress> progress_;
  query_meters meters_;
};

}  // namespace banyan
