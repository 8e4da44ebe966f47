// The actor of a subscription: follows the journal from its checkpoint, delivers events, retries, and dead-letters
// those that can not be handled.
//
//   progress->dead_letters()                                                  // their count, and the first
//   system.ask(subscription, replay_dead_letter{12}, 1min, [](result<delivered_again> r) { ... });  // after a repair
//
// The effects of a handler can not be undone, and repeating them may do harm. So when the journal is not the one of
// the checkpoint (an older copy was restored), the subscription neither continues nor starts over: it is not ready,
// says why, and waits until an operator resets it.
//
// A journal or store that is busy, full or damaged is retried with back-off, and reported in health lines meanwhile:
// attempts in progress continue, and no event is delivered again because of it. An event whose handler fails because
// the journal can not store is delivered again until it can; this uses up no attempt, since it is not the event's
// fault.
#pragma once

#include <banyan/actor/actor.hpp>
#include <banyan/journal/stream_order.hpp>
#include <banyan/observability/log_folding.hpp>
#include <banyan/observability/tracer.hpp>
#include <banyan/pub_sub/delivery_counts.hpp>
#include <banyan/pub_sub/delivery_store.hpp>
#include <banyan/pub_sub/delivery_window.hpp>
#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/pub_sub/quarantine_lane.hpp>
#include <banyan/pub_sub/topics.hpp>
#include <banyan/topic/bounded_attempt.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

namespace banyan {

// Where a subscription continues.
struct subscription_start {
  enum class origin : std::uint8_t { start, now, position };  // before the first event; after the last; after `at`
  origin kind = origin::now;
  position at = 0;
};

// Resets the subscription, for operators: attempts in progress are abandoned, the checkpoint is stored, and the
// subscription restarts there. Dead letters are kept. Answers the checkpoint. Errors: invalid_argument (the journal
// has no such position).
struct reset_subscription {
  using reply = position;
  subscription_start from;
};

struct subscription_progress {
  std::atomic<position> checkpoint{0};  // as stored; std::atomic::wait is notified
  std::atomic<position> head{0};
  std::atomic<bool> is_open{false};  // the checkpoint was read
  std::atomic<std::uint64_t> delivered{0}, retried{0}, dead{0}, poison{0};  // since start; `dead` includes `poison`

  // The dead letters in the store now.
  dead_letter_totals dead_letters() const {
    std::lock_guard lock{mutex_};
    return dead_letters_;
  }
  void update_dead_letters(dead_letter_totals d) {
    std::lock_guard lock{mutex_};
    dead_letters_ = std::move(d);
  }

  // Why nothing is handled until a reset; none: it runs.
  std::optional<std::string> refusal() const {
    std::lock_guard lock{mutex_};
    return refusal_;
  }
  void refuse(std::optional<std::string> why) {
    std::lock_guard lock{mutex_};
    refusal_ = std::move(why);
  }

  // Why the subscription waits for its journal or its store, or its handlers for the journal, a sentence for each;
  // empty: nothing waits.
  enum class port : std::uint8_t { journal, store, handlers };
  std::string trouble() const {
    std::lock_guard lock{mutex_};
    for (const auto& sentence : trouble_)
      if (!sentence.empty()) return sentence;
    return {};
  }
  void tell_trouble(port with, std::string sentence) {
    std::lock_guard lock{mutex_};
    trouble_[static_cast<std::size_t>(with)] = std::move(sentence);
  }

  // Delivery counts handed from one incarnation of the actor to the next. A late incarnation, whose ticket is not the
  // newest, hands over nothing.
  std::optional<delivery_counts> take_over(std::uint64_t& ticket) {
    std::lock_guard lock{mutex_};
    ticket = ++last_ticket_;
    return std::exchange(counts_, std::nullopt);
  }
  void leave(std::uint64_t ticket, delivery_counts counts) {
    std::lock_guard lock{mutex_};
    if (ticket == last_ticket_) counts_ = std::move(counts);
  }

 private:
  mutable std::mutex mutex_;
  dead_letter_totals dead_letters_;
  std::optional<std::string> refusal_;
  std::array<std::string, 3> trouble_;
  std::uint64_t last_ticket_ = 0;
  std::optional<delivery_counts> counts_;
};

struct delivered_again {
  std::int64_t attempts = 0;  // of the event, in all
  friend bool operator==(const delivered_again&, const delivered_again&) = default;
};
BOOST_DESCRIBE_STRUCT(delivered_again, (), (attempts))

// Replays a dead letter: one delivery, with the command id of the first one; deleted when handled. Not in the order of
// its key: later events may have been handled long ago. Errors: not_found (no such letter); conflict with reason
// "under_way", or with "another_event": the journal was replaced by an older copy, and has another event or none at
// the position; the handler's own error, with reason "dead_letter_stays": the letter is kept, with this as its reason.
// A replay that crashes the process changes nothing.
struct replay_dead_letter {
  using reply = delivered_again;
  position at = 0;
  std::string event = {};  // id; required when the position has several letters; empty: the journal's event there
};

class subscription final : public actor {
 public:
  subscription(const subscription_spec& spec, const service_scope& scope, journal& j, delivery_store& store,
               std::shared_ptr<subscription_progress> progress, std::shared_ptr<quarantine_lane> lane, trial_limits trial = {})
      : spec_{spec},
        categories_{categories_of(spec)},
        scope_{scope},
        journal_{j},
        store_{store},
        progress_{std::move(progress)},
        lane_{std::move(lane)},
        trial_{trial} {}
  ~subscription() override;

  behavior make_behavior() override;
  void started() override;
  void asked_to_end(ending how) override;

 private:
  struct journal_moved {};
  struct save_checkpoint {};
  struct given_up {
    dead_letter letter;
    std::string trace;
  };
  struct ended_replay {
    letter_place which;
    std::int64_t attempts = 0;
    std::optional<std::string> stays;  // why; none: handled
  };
  struct stay {                    // the locks of a quarantined event
    quarantine_lane::permit turn;  // held while on trial
    quarantine_lane::permit alone;
    monotonic since{};             // the drawn instant, or when it asked for the lane
  };
  static constexpr std::chrono::seconds port_limit{30};
  static constexpr std::chrono::milliseconds poll_interval{5};
  // At most so often is a checkpoint stored that only passed events of others: they would be passed again.
  static constexpr std::chrono::milliseconds between_passings{100};
  static constexpr std::chrono::hours as_long_as_it_takes{24 * 36'525};
  // How many events are taken up: enough to have a ready one whenever a handler ends.
  std::size_t max_taken_up() const { return static_cast<std::size_t>(spec_.max_in_flight) * 4; }

  // subscription.cpp
  task<void> follow();
  void look_for_holes(const recorded_event& e);
  void go_on();
  task<void> leave();
  bool has_to_save() const;
  void save_now_or_later();
  task<void> save();
  answer_awaiter<done> stored(position at);  // its counts
  using port = subscription_progress::port;
  template <class T, class Start>
  task<T> retry_until_available(port which, Start start);
  task<void> pause_before_retry(port which, const error& why, backoff& pauses);
  task<delivery_store::committed> commit_until_available(const delivery_change& change);
  // One attempt at the port, limited to port_limit.
  answer_awaiter<journal_info> journal_state();
  answer_awaiter<read_page> read_journal(position after, std::size_t limit);

  // subscription_opening.cpp
  task<void> open();
  result<position> first_checkpoint(position head) const;
  void refuse(const error& why, position head);

  // subscription_delivery.cpp
  task<void> deliver_one(position at);
  task<void> quarantine(position at, stay& in);
  nanoseconds trial_order(random_source& random) const;
  task<void> mark_life(position at, monotonic since, std::uint64_t turn);
  task<bool> attempt(const recorded_event& e);  // true: acknowledged; otherwise the reason is in counts_
  span_scope begin_span(const recorded_event& e) const;
  static void end_span(span_scope& span, const bounded_attempt::ending& ended);
  context_ptr context_of(const recorded_event& e, const span_scope& span) const;
  task<void> take_slot();
  void leave_slot();
  void acknowledge(position at);
  void give_up(const recorded_event& e);
  std::optional<error> excuse_for(const bounded_attempt::ending& ended) const;
  void hold_up(position at, const error& why);
  void no_longer_held_up(position at);

  // subscription_requests.cpp
  task<void> reset(message_ptr request);
  task<result<delivered_again>> replay(position at, std::string event);
  task<result<delivered_again>> replay_known(const std::vector<dead_letter>& letters);
  task<result<delivered_again>> replay_event(const recorded_event& e, const dead_letter& letter);

  const subscription_spec& spec_;
  const std::vector<std::string> categories_;  // of the events that may be for it; empty: all
  const service_scope& scope_;
  journal& journal_;
  delivery_store& store_;
  std::shared_ptr<subscription_progress> progress_;
  std::shared_ptr<quarantine_lane> lane_;
  const trial_limits trial_;
  std::unique_ptr<journal::watch> watch_;
  std::shared_ptr<std::atomic<bool>> hinted_ = std::make_shared<std::atomic<bool>>(false);
  std::optional<delivery_window> window_;
  std::optional<delivery_counts> counts_;
  std::optional<stream_versions> versions_;     // of the events read
  std::uint64_t ticket_ = 0;
  std::map<position, recorded_event> events_;   // taken up, not acknowledged
  std::deque<completion<done>> slots_;          // attempts waiting to begin, while max_in_flight handlers run
  int running_ = 0;
  std::vector<given_up> dead_;                  // to be stored with the next checkpoint
  std::vector<position> cleared_;               // whose counts are to be deleted from the store
  std::vector<std::pair<position, completion<done>>> to_store_;
  std::set<position> replaying_;
  std::set<position> held_up_;                  // whose handlers wait for the journal
  log_folding held_up_log_{{.every = std::chrono::minutes{1}}};
  std::vector<std::pair<ended_replay, completion<done>>> replayed_;  // to be stored with the next checkpoint
  std::uint64_t lane_turn_ = 0;                 // incremented at each change of the quarantined event in progress
  nanoseconds last_write_{};                    // its duration
  position saved_ = 0;
  monotonic last_save_ = monotonic::min();
  bool handled_ = false;      // an event, since the last write
  bool save_planned_ = false;
  bool following_ = false, again_ = false, saving_ = false, waits_for_capacity_ = false, leaving_ = false, resetting_ = false,
       refuses_ = false;  // where to continue is unknown: waits for a reset
};

// Retries while a port is busy, full, closed or damaged; throws on any other error.
template <class T, class Start>
task<T> subscription::retry_until_available(port which, Start start) {
  backoff pauses{{.first = std::chrono::milliseconds{50}}};
  for (;;) {
    auto answer = co_await self().wait_for<T>(port_limit, start);
    if (answer) {
      progress_->tell_trouble(which, {});  // perhaps set by an earlier incarnation
      co_return std::move(*answer);
    }
    const auto why = std::move(answer).error();
    co_await pause_before_retry(which, why, pauses);
  }
}

}  // namespace banyan
