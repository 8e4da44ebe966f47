// The actors of a view: the projection follows the journal into the view's tables; the query front answers from them, after waiting (bounded)
// for the position that a query presents.
#pragma once

#include <banyan/actor/actor.hpp>
#include <banyan/cqrs/projection.hpp>
#include <banyan/event_sourcing/journal.hpp>
#include <banyan/observability/metrics.hpp>

#include <atomic>
#include <map>
#include <memory>
#include <string>

namespace banyan {

// How far a view has come, for readiness and metrics. Written by the projection, read by anybody.
struct view_progress {
  std::atomic<position> applied{-1};  // -1: the view is not open yet
  std::atomic<position> head{0};      // of the journal, as last seen
  std::atomic<std::int64_t> parked{0};  // streams held back by an event that does not decode
};

class projection_actor final : public actor {
 public:
  projection_actor(const projection_spec& spec, banyan::journal& j, view_store& store, std::shared_ptr<view_progress> progress)
      : spec_{spec}, journal_{j}, store_{store}, progress_{std::move(progress)} {}

  behavior make_behavior() override;
  void started() override;

  // Answered once the view includes a position; the asker's own deadline ends the wait.
  struct await_position {
    using reply = banyan::done;
    position at = 0;
  };

 private:
  struct journal_moved {};
  task<void> follow();
  task<position> open();
  void release();
  bool concerns(const recorded_event& e) const;

  const projection_spec& spec_;
  banyan::journal& journal_;
  view_store& store_;
  std::shared_ptr<view_progress> progress_;
  std::unique_ptr<journal::watch> watch_;
  std::shared_ptr<std::atomic<bool>> hinted_ = std::make_shared<std::atomic<bool>>(false);
  bool opened_ = false, following_ = false, again_ = false;   // again_: the journal moved while we were reading it
  std::multimap<position, letter_ptr> waiting_;
};

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

class query_actor final : public actor {
 public:
  // `projection` is read when a query has to wait for it, not before: it may start after this actor.
  query_actor(const query_spec& spec, view_store& store, const address& projection, std::shared_ptr<view_progress> progress,
              const query_meters& meters = {})
      : spec_{spec}, store_{store}, projection_{projection}, progress_{std::move(progress)}, meters_{meters} {}

  behavior make_behavior() override;

 private:
  task<void> answer(const query_spec::query& q, letter_ptr request);
  void fail(letter& request, error why);

  const query_spec& spec_;
  view_store& store_;
  const address& projection_;
  std::shared_ptr<view_progress> progress_;
  query_meters meters_;
};

}  // namespace banyan
