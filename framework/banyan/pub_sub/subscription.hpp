// The actor of one subscription: follows the journal from its checkpoint, delivers, retries, and dead-letters what can not be handled.
#pragma once

#include <banyan/actor/actor.hpp>
#include <banyan/cqrs/view_store.hpp>
#include <banyan/event_sourcing/stream_order.hpp>
#include <banyan/pub_sub/delivery_counts.hpp>
#include <banyan/pub_sub/delivery_window.hpp>
#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/pub_sub/suspect_lane.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace banyan {

struct subscription_progress {
  std::atomic<position> checkpoint{0};
  std::atomic<position> head{0};
  std::atomic<std::uint64_t> delivered{0}, retried{0}, dead{0}, poison{0};  // `dead` counts the poison, too

  // What one incarnation of the actor knows and the next one needs. One that was left behind and ends late leaves nothing.
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
  std::mutex mutex_;
  std::uint64_t last_ticket_ = 0;
  std::optional<delivery_counts> counts_;
};

class subscription final : public actor {
 public:
  subscription(const subscription_spec& spec, const service_scope& scope, journal& j, view_store& store,
               std::shared_ptr<subscription_progress> progress, std::shared_ptr<suspect_lane> lane)
      : spec_{spec}, scope_{scope}, journal_{j}, store_{store}, progress_{std::move(progress)}, lane_{std::move(lane)} {}
  ~subscription() override;

  behavior make_behavior() override;
  void started() override;
  void asked_to_end(ending how) override;

 private:
  struct journal_moved {};
  struct dead_letter {
    recorded_event event;
    int attempts;
    std::string reason;
  };
  task<void> follow();
  task<void> open();
  task<void> deliver_one(position at);
  task<bool> attempt(const recorded_event& e);  // true: it is acknowledged; otherwise counts_ says why not
  task<void> save();
  task<void> leave();
  answer_awaiter<done> stored(position at);     // its counts
  void acknowledge(position at);
  void give_up(const recorded_event& e);
  void look_for_holes(const recorded_event& e);
  void go_on();

  const subscription_spec& spec_;
  const service_scope& scope_;
  journal& journal_;
  view_store& store_;
  std::shared_ptr<subscription_progress> progress_;
  std::shared_ptr<suspect_lane> lane_;
  std::unique_ptr<journal::watch> watch_;
  std::shared_ptr<std::atomic<bool>> hinted_ = std::make_shared<std::atomic<bool>>(false);
  std::optional<delivery_window> window_;
  std::optional<delivery_counts> counts_;
  std::optional<stream_versions> versions_;     // of what was read
  std::uint64_t ticket_ = 0;
  std::map<position, recorded_event> events_;   // open ones
  std::vector<dead_letter> dead_;               // to be stored with the next checkpoint
  std::vector<position> cleared_;               // their counts are to be removed from the store
  std::vector<std::pair<position, completion<done>>> to_store_;
  position saved_ = 0;
  bool following_ = false, again_ = false, saving_ = false, waits_for_room_ = false, leaving_ = false;
};

}  // namespace banyan
