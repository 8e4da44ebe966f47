#include <banyan/sharding/shard.hpp>

#include <algorithm>

namespace banyan {

behavior shard::make_behavior() {
  return behavior{}
      .on<sweep>([this](const sweep&) { look_for_idle(); })
      .on<ready_to_sleep>([this](const ready_to_sleep& r) { let_sleep(r); })
      .otherwise([this](letter_ptr& l) { route(l); });
}

void shard::started() { schedule_sweep(); }

void shard::route(letter_ptr& l) {
  auto id = spec_.entity(*l);
  if (id.empty()) {
    l->fail({code::invalid_argument, "the command names no " + spec_.aggregate});
    return;
  }
  auto found = awake_.find(id);
  if (found == awake_.end()) {
    auto who = self().spawn([id, this, me = self().me()] { return std::make_unique<entity>(id, entities_, journal_, me, meters_); });
    recent_.push_back(id);
    found = awake_.emplace(id, awake{std::move(who), 0, {}, std::prev(recent_.end())}).first;
    if (spec_.max_entities > 0 && awake_.size() > static_cast<std::size_t>(spec_.max_entities)) {
      auto& oldest = awake_.at(recent_.front());
      self().send(oldest.who, prepare_to_sleep{oldest.forwarded});
    }
  }
  auto& a = found->second;
  ++a.forwarded;
  a.last_used = self().steady();
  recent_.splice(recent_.end(), recent_, a.place);
  self().forward(a.who, std::move(l));
}

void shard::let_sleep(const ready_to_sleep& r) {
  auto found = awake_.find(r.entity);
  if (found == awake_.end() || found->second.forwarded != r.forwarded) return;  // it was needed again
  self().stop_child(found->second.who);
  recent_.erase(found->second.place);
  awake_.erase(found);
}

void shard::look_for_idle() {
  auto idle_since = self().steady() - nanoseconds{spec_.passivate_after};
  for (auto& id : recent_) {
    auto& a = awake_.at(id);
    if (a.last_used > idle_since) break;
    self().send(a.who, prepare_to_sleep{a.forwarded});
  }
  schedule_sweep();
}

void shard::schedule_sweep() {
  if (nanoseconds every = spec_.passivate_after; every.count() > 0) self().after(every / 4 + std::chrono::milliseconds{1}, sweep{});
}

}  // namespace banyan
