#include <banyan/pub_sub/running_subscription.hpp>

#include <algorithm>
#include <optional>
#include <string_view>

namespace banyan {

namespace {

// This state is not `dead`: a restart without the files would handle all events again.
constexpr std::string_view store_lost = "store_lost";

std::string name_of(const running_subscription& s) { return "subscription " + s.topic + " of " + s.group; }

std::optional<health_line> dead_letters_of(const running_subscription& s) {
  const auto dead = s.progress->dead_letters();
  if (dead.count == 0 || !dead.first) return std::nullopt;
  return health_line{"dead letters of " + s.topic + ", group " + s.group, health_state::degraded,
                     std::to_string(dead.count) + (dead.count == 1 ? " event given up" : " events given up") + ": " + dead.first->stream +
                         " at position " + std::to_string(dead.first->position) + " (" + dead.first->reason + ")" +
                         (dead.count == 1 ? "" : ", ...")};
}

std::optional<health_line> refusal_of(const running_subscription& s) {
  auto why = s.progress->refusal();
  if (!why) return std::nullopt;
  return health_line{name_of(s), health_state::waiting,
                     *why + "; it handles nothing until an operator says from where it goes on: POST /subscriptions/" + s.group + "/" + s.topic +
                         "/reset?to=now (or start, or a position)"};
}

std::optional<health_line> loss_of(const running_subscription& s) {
  const auto trouble = s.store->trouble();
  if (!trouble || trouble->reason != store_lost) return std::nullopt;
  return health_line{name_of(s), health_state::waiting,
                     trouble->message + "; without them it begins as a new group, which may handle all events again"};
}

// Degraded, not waiting: no request depends on a subscription, so requests need not be routed elsewhere.
std::optional<health_line> trouble_of(const running_subscription& s) {
  const auto why = s.progress->trouble();
  if (why.empty()) return std::nullopt;
  return health_line{name_of(s), health_state::degraded, "stands still, and tries again: " + why};
}

}  // namespace

void add_liveness(const running_subscription& s, std::vector<health_line>& out) {
  const auto trouble = s.store->trouble();
  if (trouble && trouble->reason != store_lost) out.push_back({name_of(s), health_state::dead, trouble->message});
}

void add_readiness(const running_subscription& s, std::vector<health_line>& out) {
  for (auto line : {dead_letters_of(s), loss_of(s), refusal_of(s), trouble_of(s)})
    if (line) out.push_back(std::move(*line));
}

void count(const running_subscription& s, metrics_registry& m) {
  const metric_labels labels{{"topic", s.topic}, {"group", s.group}};
  m.before_reading([p = s.progress, delivered = m.counter("banyan_subscription_delivered_total", "Events dealt with.", labels),
                    retries = m.counter("banyan_subscription_retries_total", "Deliveries that were tried again.", labels),
                    dead = m.counter("banyan_subscription_dead_letters_total", "Events given up.", labels),
                    poison = m.counter("banyan_subscription_poison_total", "Events given up because they crashed their handler.", labels),
                    lag = m.gauge("banyan_subscription_lag_events", "Journal positions between the checkpoint and the head.", labels)] {
    delivered.raise_to(p->delivered.load());
    retries.raise_to(p->retried.load());
    dead.raise_to(p->dead.load());
    poison.raise_to(p->poison.load());
    lag.set(static_cast<double>(std::max<position>(0, p->head.load() - p->checkpoint.load())));
  });
}

}  // namespace banyan
