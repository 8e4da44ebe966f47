// Wakes sagas that are not in memory and have something to do: those whose timers are due, the longest overdue first,
// and, as after a start of the program, those with open steps. At a bounded rate, `most` each between_pages, and with
// at most `most_waking` under way, so that other sagas wait for few of those that are due at one instant. A larger
// window fires more timers a second, and makes the steps of other sagas slower by about as much.
//
// It looks ahead: at each look it learns of the timers that are due before the next one, and wakes each saga at its
// time. A saga leaves memory only when its next timer is further away than it takes to look again.
//
// It only activates the actor of a saga, which fires its own timers and asks its own steps; waking one that is active
// changes nothing. The actor answers when it is built again and the turns of its due timers are stored. A wake may be
// lost: a timer that is still due is seen again at the next look, and sagas with open steps are gone through again
// every sweep_every. Until the index has all that the journal had at the start, both are done every look_early.
#pragma once

#include <banyan/actor/actor.hpp>
#include <banyan/cqrs/view_progress.hpp>
#include <banyan/cqrs/view_store.hpp>
#include <banyan/observability/metrics.hpp>
#include <banyan/saga/saga_index.hpp>
#include <banyan/saga/saga_spec.hpp>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace banyan {

class saga_clock final : public actor {
 public:
  static constexpr std::chrono::seconds look_every{10};
  static constexpr std::chrono::seconds look_early{1};
  static constexpr std::chrono::seconds sweep_every{60};
  static constexpr std::chrono::milliseconds between_pages{200};
  static constexpr int most = 1000;  // sagas at once
  static constexpr std::size_t most_waking = 32;
  static constexpr std::chrono::seconds wake_limit{30};  // then the next one is woken

  // `index` must outlive it; `to`: where an order for a saga goes. `overdue`: seconds, of the one longest overdue.
  // `report`, when given, is told at every look what the index has.
  saga_clock(view_store& index, std::shared_ptr<const view_progress> progress, std::function<address(message&)> to,
             gauge overdue = {}, std::function<void(saga_load)> report = {})
      : index_{index},
        progress_{std::move(progress)},
        to_{std::move(to)},
        overdue_{overdue},
        report_{std::move(report)} {}

  behavior make_behavior() override;
  void started() override { self().run(follow()); }

 private:
  struct wake_later {
    std::string id;
  };
  task<void> follow();
  // The next page; true: it was the last one.
  task<bool> wake_due();
  task<bool> wake_open();
  task<void> count();
  void wake(std::string id);
  task<void> wake_waiting();
  bool has_caught_up();

  view_store& index_;
  std::shared_ptr<const view_progress> progress_;
  std::function<address(message&)> to_;
  gauge overdue_;
  std::function<void(saga_load)> report_;
  saga_due looked_at_;          // the last one of this look ...
  std::string swept_;           // ... and of this sweep
  bool has_swept_ = false;      // since the start: from then on answers of other sagas are brought
  std::optional<position> head_at_start_;
  std::deque<std::string> to_wake_;
  std::size_t waking_ = 0;      // tasks of wake_waiting()
};

}  // namespace banyan
