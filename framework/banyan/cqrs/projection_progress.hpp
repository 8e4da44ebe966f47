// How a projection moves along its journal: what of a batch is applied, what is passed over, what is held back, and which waiting queries a
// commit releases. Pure: no I/O, no threads, time passed in. The projection's actor reads, writes and answers as it is told here.
//
//   projection_progress progress{{.history = info.history, .checkpoint = state.checkpoint, .held = stored}, concerns};
//   auto plan = progress.plan(progress.checkpoint(), batch);    // batch: read_all({.after = checkpoint}).events
//   // in one transaction: apply batch[i] for i in plan->apply; store plan->hold, remove plan->unhold; checkpoint plan->checkpoint
//   for (auto& r : progress.committed(*plan)) ...                        // when it is acknowledged: answer these queries
//   progress.failed(batch[i], error);                                    // when event i made it fail (all is rolled back): plan again
//   progress.park(batch[i], error);                                      // the same, when trying again can not help: it does not decode
//
// An event that can not be applied parks *its stream*: the event and all later ones of that stream are held (remembered with
// their coordinates, beside the view's rows), other streams go on. After the defect is mended, `plan_replay` applies what is held, in
// order, and the stream is free again. When too much is held the projection stalls rather than forget: it is then not one
// stream that is wrong, but the projection.
//
// An event that the journal has lost (a version of a stream that is passed over) parks its stream too, at the next event of it that the
// projection folds. Such a stream can not be replayed: the event lies before what the view has seen, so when it is restored the view is
// built anew.
//
// One plan at a time: the next one is made after the last one was committed or given up.
#pragma once

#include <banyan/cqrs/fresh_queries.hpp>
#include <banyan/journal/position_token.hpp>
#include <banyan/journal/stream_order.hpp>

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

// An event that waits, unapplied, behind an event of its stream that could not be applied (or is that event).
struct blocked_event {
  banyan::position position = 0;
  banyan::version version = 0;
  std::string stream;
  std::string reason;                                    // why: of the event that could not be applied; empty for those behind it
  friend bool operator==(const blocked_event&, const blocked_event&) = default;
};
BOOST_DESCRIBE_STRUCT(blocked_event, (), (position, version, stream, reason))

// The event that could not be applied, with the reason, which is cut when it is long.
blocked_event held_because(const recorded_event& event, const error& why);

// A full disk, a locked or a closed store: it says nothing about the event at hand, however often it happens, and parks nobody.
bool is_about_surroundings(const error& why);

// What one transaction of the view does.
struct batch_plan {
  std::vector<std::size_t> apply;                        // indexes into the batch, ascending
  std::vector<blocked_event> hold;                          // to be stored
  std::vector<position> unhold;                          // no longer held: to be removed
  position checkpoint = 0;                               // to be stored, even when there is nothing else
  bool stalled = false;                                  // it ends early: no more events may be held
};

class projection_progress {
 public:
  struct limits {
    std::size_t waiting = 10'000;                        // queries
    std::size_t held = 10'000;                           // events
    int attempts = 3;                                    // of an event, before its stream is parked
  };
  // What the view's store knows when it is opened.
  struct start {
    journal_history history = {};
    position checkpoint = 0;
    std::vector<blocked_event> held = {};
    banyan::partition partition = 0;
  };
  // `concerns`: does the projection fold this event? The others are passed over; only the checkpoint moves.
  projection_progress(start from, std::function<bool(const recorded_event&)> concerns) : projection_progress{from, concerns, limits{}} {}
  projection_progress(start from, std::function<bool(const recorded_event&)> concerns, limits l);

  position checkpoint() const { return checkpoint_; }
  position_token token() const;                          // what the view covers

  // `events` were read from the journal after position `read_after`. Those at or below the checkpoint were applied before and are
  // passed over. conflict with reason "gap" when the read began beyond the checkpoint (read again from there); corrupt when
  // positions do not rise.
  result<batch_plan> plan(position read_after, std::span<const recorded_event> events) const;

  // `events` are events of the parked stream, from its first held version on, ascending. conflict when that is not where they begin,
  // not_found when the stream is not parked; corrupt when an event is missing. What is held beyond the last of them stays held.
  result<batch_plan> plan_replay(std::string_view stream, std::span<const recorded_event> events) const;

  // The plan's transaction is acknowledged. Queries to be answered now.
  std::vector<fresh_queries::released> committed(const batch_plan& plan);

  // This event made the transaction fail, and it was rolled back.
  enum class next : std::uint8_t {
    retry,     // plan the same batch again; after a pause when `why` is about the surroundings
    parked,    // plan the same batch again: the event's stream is held from here on
  };
  next failed(const recorded_event& event, const error& why);
  // The same for an event that fails however often it is tried: its stream is held from here on.
  void park(const recorded_event& event, const error& why);

  // A query presents what it wants to see, with the stream when it knows whose write it was (a token alone names the last event of a
  // write: that event being held is noticed, an earlier one of the same write is not). An answer at once, or none: then it waits and
  // comes out of `committed` or `expire`. A position beyond the journal's head is not known as such here: whoever has the head refuses it
  // before (position_in). Errors: conflict "another_history"; invalid_argument (a partition that this view does not follow, a ticket that
  // waits already); exhausted.
  result<std::optional<freshness>> wait(fresh_queries::ticket query, const position_token& wanted, monotonic now, monotonic deadline,
                                        std::string stream = {});
  // The same for a position that is known to be of the journal's history.
  result<std::optional<freshness>> wait_for(fresh_queries::ticket query, position at, monotonic now, monotonic deadline,
                                            std::string stream = {});
  std::vector<fresh_queries::released> expire(monotonic now) { return waiting_.expire(now); }
  std::optional<monotonic> next_deadline() const { return waiting_.next_deadline(); }
  bool cancel(fresh_queries::ticket query) { return waiting_.cancel(query); }
  std::size_t waiting() const { return waiting_.size(); }

  // For people and for `plan_replay`: streams that are held back, each by the first event held.
  std::vector<blocked_event> parked() const;
  std::optional<blocked_event> first_held(std::string_view stream) const;
  bool is_parked(std::string_view stream) const { return streams_.contains(stream); }
  std::size_t held() const { return held_.size(); }

 private:
  bool is_held(const fresh_queries::wanted& what) const;
  void hold(blocked_event e);
  void unhold(position p);

  journal_history history_;
  banyan::partition partition_;
  position checkpoint_;
  std::function<bool(const recorded_event&)> concerns_;
  limits limits_;
  std::map<position, blocked_event> held_;
  std::map<std::string, std::set<position>, std::less<>> streams_;   // of held_
  std::map<position, std::string> poison_;                // decided by `failed`, not yet committed: position, reason
  position failing_ = 0;
  int failures_ = 0;                                      // of failing_
  mutable stream_versions versions_;                      // seen in batches, whatever became of them
  fresh_queries waiting_;
};

}  // namespace banyan
