// The actor of one subscription: follows the journal from its checkpoint, delivers, retries, and dead-letters what can not be handled.
#pragma once

#include <banyan/actor/actor.hpp>
#include <banyan/cqrs/view_store.hpp>
#include <banyan/pub_sub/delivery_window.hpp>
#include <banyan/pub_sub/pub_sub.hpp>

#include <atomic>
#include <memory>
#include <optional>

namespace banyan {

struct subscription_progress {
  std::atomic<position> checkpoint{0};
  std::atomic<position> head{0};
  std::atomic<std::uint64_t> delivered{0}, retried{0}, dead{0};
};

class subscription final : public actor {
 public:
  subscription(const subscription_spec& spec, const service_scope& scope, journal& j, view_store& store,
               std::shared_ptr<subscription_progress> progress)
      : spec_{spec}, scope_{scope}, journal_{j}, store_{store}, progress_{std::move(progress)} {}

  behavior make_behavior() override;
  void started() override;

 private:
  struct journal_moved {};
  struct dead_letter {
    recorded_event event;
    int attempts;
    error reason;
  };
  task<void> follow();
  task<void> deliver_one(position at);
  task<void> save();
  void acknowledge(position at);

  const subscription_spec& spec_;
  const service_scope& scope_;
  journal& journal_;
  view_store& store_;
  std::shared_ptr<subscription_progress> progress_;
  std::unique_ptr<journal::watch> watch_;
  std::shared_ptr<std::atomic<bool>> hinted_ = std::make_shared<std::atomic<bool>>(false);
  std::optional<delivery_window> window_;
  std::map<position, recorded_event> events_;   // open ones
  std::vector<dead_letter> dead_;               // to be stored with the next checkpoint
  position saved_ = 0;
  bool following_ = false, again_ = false, saving_ = false;
};

}  // namespace banyan
