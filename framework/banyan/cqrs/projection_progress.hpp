// The decision core of a projection: which events of a batch are applied, skipped or held back, and which waiting
// queries a commit releases. Pure: no I/O, no threads, time passed in. projection_actor reads, writes and answers
// accordingly.
//
//   projection_progress progress{{.history = info.history, .checkpoint = state.checkpoint, .held = stored}, concerns};
//   auto plan = progress.plan(progress.checkpoint(), batch);  // batch: read_all({.after = checkpoint}).events
//   // in one transaction: apply batch[i] for i in plan->apply; store plan->hold, remove plan->unhold; checkpoint plan->checkpoint
//   for (auto& r : progress.committed(*plan)) ...             // when it is stored: answer these queries
//   progress.failed(batch[i], error);                         // when event i made it fail (rolled back): plan again
//   progress.park(batch[i], error);                           // the same without retries: it does not decode
//
// An event that can not be applied parks *its stream*: this and all later events of the stream are held (their
// coordinates are stored beside the view's rows), other streams go on. After the defect is fixed, `plan_replay`
// applies the held events in order and unparks the stream. When too many events are held the projection stalls
// instead of dropping any: then the projection is probably wrong, not one stream.
//
// An event missing in the journal (a gap in the versions of a stream) parks its stream too, at the stream's next
// event that the projection folds. Such a stream can not be replayed, since the missing event is older than what the
// view has applied: after restoring it, rebuild the view.
//
// One plan at a time: call plan() again after the last plan was committed or abandoned.
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

// An event that could not be applied, or a later event of its stream that waits behind it.
struct blocked_event {
  banyan::position position = 0;
  banyan::version version = 0;
  std::string stream;
  std::string reason;                                    // cause, of the event that could not be applied; else empty
  friend bool operator==(const blocked_event&, const blocked_event&) = default;
};
BOOST_DESCRIBE_STRUCT(blocked_event, (), (position, version, stream, reason))

// The event that could not be applied with its reason, which is truncated when long.
blocked_event held_because(const recorded_event& event, const error& why);

// The contents of one transaction of the view.
struct batch_plan {
  std::vector<std::size_t> apply;                        // indexes into the batch, ascending
  std::vector<blocked_event> hold;                          // to store
  std::vector<position> unhold;                          // no longer held: to remove
  position checkpoint = 0;                               // to store, even when nothing else is
  bool stalled = false;                                  // the batch ends early: the limit of held events is reached
};

class projection_progress {
 public:
  struct limits {
    std::size_t waiting = 10'000;                        // queries
    std::size_t held = 10'000;                           // events
    int attempts = 3;                                    // per event, before its stream is parked
  };
  // The stored state when the view is opened.
  struct start {
    journal_history history = {};
    position checkpoint = 0;
    std::vector<blocked_event> held = {};
    banyan::partition partition = 0;
  };
  // `concerns`: whether the projection folds an event. Others are skipped; only the checkpoint moves.
  projection_progress(start from, std::function<bool(const recorded_event&)> concerns) : projection_progress{from, concerns, limits{}} {}
  projection_progress(start from, std::function<bool(const recorded_event&)> concerns, limits l);

  position checkpoint() const { return checkpoint_; }
  position_token token() const;                          // the position that the view includes

  // `events` were read after position `read_after`. Those at or below the checkpoint are skipped. Errors: conflict
  // with reason "gap" when `read_after` is beyond the checkpoint (read again from the checkpoint); corrupt when
  // positions do not rise.
  result<batch_plan> plan(position read_after, std::span<const recorded_event> events) const;

  // Plans a replay. `events` are events of the parked stream, ascending from its first held version; later held
  // events stay held. Errors: conflict when they begin elsewhere; not_found when the stream is not parked; corrupt
  // when an event is missing.
  result<batch_plan> plan_replay(std::string_view stream, std::span<const recorded_event> events) const;

  // The plan's transaction is stored. Returns the queries to answer now.
  std::vector<fresh_queries::released> committed(const batch_plan& plan);

  // `event` made the transaction fail, which was rolled back.
  enum class next : std::uint8_t {
    retry,     // plan the same batch again; after a pause when `why` is transient, which parks no stream
    parked,    // plan the same batch again: the event's stream is held from here on
  };
  next failed(const recorded_event& event, const error& why);
  // The same without retries: parks the event's stream.
  void park(const recorded_event& event, const error& why);

  // A query waits for the position `wanted`, and for the stream if it knows which one was written (a token alone
  // names the last event of a write, so an earlier held event of that write is not noticed). Returns the answer, or
  // nothing: then `committed` or `expire` returns the query later. A position beyond the journal's head must be
  // refused before by the caller (position_in). Errors: conflict with reason "another_history"; invalid_argument (a
  // partition that this view does not follow, a ticket in use); exhausted.
  result<std::optional<freshness>> wait(fresh_queries::ticket query, const position_token& wanted, monotonic now, monotonic deadline,
                                        std::string stream = {});
  // The same for a position known to be of the journal's history.
  result<std::optional<freshness>> wait_for(fresh_queries::ticket query, position at, monotonic now, monotonic deadline,
                                            std::string stream = {});
  std::vector<fresh_queries::released> expire(monotonic now) { return waiting_.expire(now); }
  std::optional<monotonic> next_deadline() const { return waiting_.next_deadline(); }
  bool cancel(fresh_queries::ticket query) { return waiting_.cancel(query); }
  std::size_t waiting() const { return waiting_.size(); }

  // The parked streams, each by its first held event.
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
  std::map<std::string, std::set<position>, std::less<>> streams_;   // index of held_
  std::map<position, std::string> poison_;                // parked by `failed`, not yet committed: reason by position
  position failing_ = 0;
  int failures_ = 0;                                      // attempts of failing_
  mutable stream_versions versions_;                      // versions seen in batches, applied or not
  fresh_queries waiting_;
};

}  // namespace banyan
