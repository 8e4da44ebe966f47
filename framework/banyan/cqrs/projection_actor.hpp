// The actor that keeps a view up to date: it follows the journal into the view's tables. What is applied, held back, retried or parked is
// decided by projection_progress; here is the I/O: batches are read, each is one transaction (rows, held events, checkpoint), waiting
// queries are told, pauses are made. An error about the surroundings is waited out; any other that no event is to blame for crashes the
// actor, which opens the view anew and goes on from what is stored.
//
//   progress->parked_streams()                                            // orders-7 from position 12 on: corrupt: ... does not decode
//   system.ask(projection, replay_parked{"orders-7"}, 1min, [](result<replayed> r) { ... });   // when the defect is mended
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

// Applies what is held of a parked stream, in order, and sets the stream free. Errors: not_found (it is not parked); what is wrong with the
// event that still can not be applied, with reason "parked": those before it are applied, the stream stays parked from it on.
struct replay_parked {
  using reply = replayed;
  std::string stream;
};

class projection_actor final : public actor {
 public:
  projection_actor(const projection_spec& spec, banyan::journal& j, view_store& store, std::shared_ptr<view_progress> progress,
                   projection_progress::limits limits = {})
      : spec_{spec}, journal_{j}, store_{store}, progress_{std::move(progress)}, limits_{limits}, log_{spec.view} {}

  behavior make_behavior() override;
  void started() override;

  // Answered once the view includes a position (or holds it back), or at the asker's own deadline.
  struct await_position {
    using reply = freshness;
    position at = 0;
  };
  // A query has met a damaged file: the view is opened anew, and thereby built anew. Nothing happens when that has been done.
  struct view_damaged {};

 private:
  struct journal_moved {};
  struct time_is_up {
    monotonic at{};
  };
  using events = view_transaction::events;

  void wake();
  task<void> follow();
  task<void> open();
  task<bool> advance();  // one batch; is there more to read?
  task<void> replay(message_ptr request);
  task<std::vector<view_transaction::culprit>> store(std::shared_ptr<const events> batch, const batch_plan& plan);
  enum class on_corrupt : std::uint8_t { crash, stand_still };
  template <class T, class Start>
  task<T> retry_until_available(Start start, on_corrupt then);
  task<void> pause_before_retry(const error& why, backoff& pauses);

  void committed(const batch_plan& plan);
  void tell_parked();
  bool concerns(const recorded_event& e) const;
  void wait(message_ptr query);
  void answer_all(const std::vector<fresh_queries::released>& released);
  void set_alarm();

  const projection_spec& spec_;
  banyan::journal& journal_;
  view_store& store_;
  std::shared_ptr<view_progress> progress_;
  projection_progress::limits limits_;
  logger log_;
  std::unique_ptr<journal::watch> watch_;
  std::shared_ptr<std::atomic<bool>> hinted_ = std::make_shared<std::atomic<bool>>(false);
  bool following_ = false, again_ = false;               // again_: there is something new to do since we looked
  std::optional<projection_progress> state_;             // none: the view is not open yet
  std::deque<message_ptr> replays_;                       // asked for; done between two batches
  std::vector<message_ptr> early_;                        // queries that came before the view was open
  std::map<fresh_queries::ticket, message_ptr> waiting_;  // queries that state_ knows by their tickets
  fresh_queries::ticket last_ticket_ = 0;
  monotonic alarm_ = monotonic::max();  // when time_is_up comes next
};

}  // namespace banyan
