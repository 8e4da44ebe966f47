// The actor that keeps a view up to date with the journal. projection_progress decides what is applied, held,
// retried or parked; this actor does the I/O: it reads batches, writes each in one transaction (rows, held events,
// checkpoint), answers waiting queries and waits before retries. A transient error of journal or store is retried
// after a pause; any other error that no event caused crashes the actor, which then reopens the view and continues
// from what is stored.
//
//   progress->parked_streams()  // orders-7 from position 12 on: corrupt: ... does not decode
//   system.ask(projection, replay_parked{"orders-7"}, 1min, [](result<replayed> r) { ... });  // once fixed
#pragma once

#include <banyan/actor/actor.hpp>
#include <banyan/cqrs/projection.hpp>
#include <banyan/cqrs/view_progress.hpp>
#include <banyan/cqrs/view_transaction.hpp>
#include <banyan/journal/journal.hpp>
#include <banyan/observability/log.hpp>

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace banyan {

struct replayed {
  std::int64_t events = 0;  // applied
  friend bool operator==(const replayed&, const replayed&) = default;
};

// Applies the held events of a parked stream, in order, and unparks it. Errors: not_found (not parked); the error of
// an event that still can not be applied, with reason "parked": those before it are applied and the stream stays
// parked from there.
struct replay_parked {
  using reply = replayed;
  std::string stream;
};

class projection_actor final : public actor {
 public:
  projection_actor(const projection_spec& spec, banyan::journal& j, view_store& store, std::shared_ptr<view_progress> progress,
                   projection_progress::limits limits = {})
      : spec_{spec},
        categories_{categories_of(spec)},
        journal_{j},
        store_{store},
        progress_{std::move(progress)},
        limits_{limits},
        log_{spec.view} {}

  behavior make_behavior() override;
  void started() override;

  // Answered when the view includes the position (or holds it back), or at the deadline.
  struct await_position {
    using reply = freshness;
    position at = 0;
  };
  // A query found the file damaged: the view is reopened, and thereby rebuilt. Ignored when that has been done.
  struct view_damaged {};

 private:
  struct journal_moved {};
  struct store_checkpoint {};
  struct time_is_up {
    monotonic at{};
  };
  using events = view_transaction::events;

  void wake();
  task<void> follow();
  task<void> open();
  task<bool> advance();  // one batch; true: there is more to read
  task<void> store_passed();
  task<void> replay(message_ptr request);
  task<std::vector<view_transaction::culprit>> store(std::shared_ptr<const events> batch, const batch_plan& plan);
  enum class on_corrupt : std::uint8_t { crash, stand_still };
  template <class T, class Start>
  task<T> retry_until_available(Start start, on_corrupt then);
  task<void> pause_before_retry(const error& why, backoff& pauses);

  void committed(const batch_plan& plan);
  void tell_parked();
  bool concerns(const recorded_event& e) const;
  static std::vector<std::string> categories_of(const projection_spec& spec);
  void wait(message_ptr query);
  void answer_all(const std::vector<fresh_queries::released>& released);
  void set_alarm();

  const projection_spec& spec_;
  const std::vector<std::string> categories_;  // of the events that it may fold; empty: all
  banyan::journal& journal_;
  view_store& store_;
  std::shared_ptr<view_progress> progress_;
  projection_progress::limits limits_;
  logger log_;
  std::unique_ptr<journal::watch> watch_;
  std::shared_ptr<std::atomic<bool>> hinted_ = std::make_shared<std::atomic<bool>>(false);
  bool following_ = false, again_ = false;               // again_: new work has arrived since the last read
  std::optional<projection_progress> state_;             // empty: the view is not open yet
  position passed_ = 0;  // read to: no event between the checkpoint and this one concerns the view
  monotonic last_store_ = monotonic::min();
  bool store_planned_ = false;
  position history_ends_ = 0;                             // where the journal ended when the view was opened
  std::deque<message_ptr> replays_;                       // pending replays, done between two batches
  std::vector<message_ptr> early_;                        // queries received before the view was open
  std::map<fresh_queries::ticket, message_ptr> waiting_;  // queries waiting in state_, by ticket
  fresh_queries::ticket last_ticket_ = 0;
  monotonic alarm_ = monotonic::max();  // time of the next time_is_up
};

}  // namespace banyan
