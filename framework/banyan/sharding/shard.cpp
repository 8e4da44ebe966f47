#include <banyan/sharding/shard.hpp>

#include <banyan/actor/control.hpp>
#include <banyan/core/free_memory.hpp>

#include <algorithm>
#include <utility>

namespace banyan {

namespace {
// The delay before memory is returned: after many passivations, more follow.
constexpr auto burst = std::chrono::seconds{10};
// Entities that were activated together become idle together. They passivate in portions: ending tens of thousands at
// once would delay the working ones by half a second.
constexpr std::size_t fewest_in_portion = 32;
constexpr std::size_t portions = 32;
constexpr timespan between_portions = std::chrono::milliseconds{250};
}

shard::~shard() {
  census_->shard_ended(static_cast<std::int64_t>(active_.size()), static_cast<std::int64_t>(staying_.size()));
  staying_.clear();
  leaving_.clear();
  if (has_memory_duty_) census_->leaves_memory_duty();
}

behavior shard::make_behavior() {
  return behavior{}
      .on<sweep>([this](const sweep&) { look_for_idle(); })
      .on<passivated>([this](const passivated& r) { end_passivated(r); })
      .on<entity_restarted>([this](const entity_restarted& r) { ask_again(r); })
      .on<nothing_stored>([this](const nothing_stored& n) { ask_to_passivate(n); })
      .on<give_memory_back>([this](const give_memory_back&) {
        give_back_free_memory();
        has_memory_duty_ = false;
        census_->leaves_memory_duty();
      })
      .otherwise([this](message_ptr& m) { route(m); });
}

void shard::started() { schedule_sweep(timespan::max()); }

void shard::route(message_ptr& m) {
  auto id = entity_for(*m);
  if (!id) {
    hosted_->meters.failed.add();
    m->fail(std::move(id.error()));
    return;
  }
  if (auto checked = check(*m); !checked) {
    (checked.error().code == code::internal ? hosted_->meters.failed : hosted_->meters.refused).add();
    m->fail(std::move(checked.error()));
    return;
  }
  auto found = active_.find(*id);
  auto& a = found == active_.end() ? activate(*id) : found->second;
  keep_active(a);
  ++a.forwarded;
  a.last_used = self().steady();
  self().forward(a.who, std::move(m));
  keep_limit();
}

result<std::string> shard::entity_for(message& m) const {
  // A command without a place key may have been sent to any shard.
  if (spec_.has_place_key) {
    if (auto place = spec_.place_of(m); !place) return place.error();
  }
  auto id = spec_.entity_of(m);
  if (id && id->empty()) return error{code::invalid_argument, "the command names no " + spec_.aggregate};
  return id;
}

// Validates the command before an entity is activated for it. An exception of the check must not crash the shard,
// which would end its active entities.
result<void> shard::check(message& m) const {
  if (!hosted_->validate) return {};
  try {
    return hosted_->validate(m);
  } catch (...) {
    self().report_failure(m, {code::internal, detail::what_was_thrown()});
    return failed_request(m.context);
  }
}

shard::active_entity& shard::activate(const std::string& id) {
  auto stream = std::make_shared<const std::string>(hosted_->category + "-" + id);
  auto who = self().spawn([stream, hosted = hosted_] { return hosted->make(stream); });
  auto& a = active_[std::move(stream)];
  a.who = std::move(who);
  staying_.push_back(a);
  census_->activated();
  return a;
}

// Marks the entity as the most recently used one.
void shard::keep_active(active_entity& a) {
  auto& from = a.is_asked ? leaving_ : staying_;
  staying_.splice(staying_.end(), from, from.iterator_to(a));
  if (std::exchange(a.is_asked, false)) census_->stays();
}

void shard::keep_limit() {
  if (spec_.max_entities <= 0) return;
  while (!staying_.empty() && census_->staying() > spec_.max_entities) ask_to_passivate(staying_.front());
}

void shard::ask_to_passivate(active_entity& a) {
  if (std::exchange(a.is_asked, true)) return;
  leaving_.splice(leaving_.end(), staying_, staying_.iterator_to(a));
  census_->asked_to_passivate();
  self().send(a.who, passivate{a.forwarded});
}

void shard::ask_to_passivate(const nothing_stored& n) {
  if (auto found = active_.find(n.entity); found != active_.end()) ask_to_passivate(found->second);
}

void shard::ask_again(const entity_restarted& r) {
  auto found = active_.find(r.entity);
  if (found != active_.end() && found->second.is_asked)
    self().send(found->second.who, passivate{found->second.forwarded});
}

void shard::end_passivated(const passivated& r) {
  auto found = active_.find(r.entity);
  // Needed again meanwhile.
  if (found == active_.end() || !found->second.is_asked || found->second.forwarded != r.forwarded) return;
  self().stop_child(found->second.who);
  leaving_.erase(leaving_.iterator_to(found->second));
  active_.erase(found);
  census_->passivated();
  if (!has_memory_duty_ && census_->takes_memory_duty()) {
    has_memory_duty_ = true;
    self().after(burst, give_memory_back{});
  }
}

void shard::look_for_idle() {
  const auto idle_since = self().steady() - nanoseconds{spec_.passivate_after};
  const auto is_idle = [&] { return !staying_.empty() && staying_.front().last_used <= idle_since; };
  for (auto left = std::max(fewest_in_portion, staying_.size() / portions); left > 0 && is_idle(); --left)
    ask_to_passivate(staying_.front());
  constexpr std::size_t few_buckets = 1024;
  if (active_.bucket_count() > few_buckets && active_.size() < active_.bucket_count() / 8) active_.rehash(0);
  schedule_sweep(is_idle() ? between_portions : timespan::max());
}

void shard::schedule_sweep(timespan at_most) {
  const nanoseconds every = spec_.passivate_after;
  if (every.count() <= 0) return;
  self().after(std::min<nanoseconds>(every / 4 + std::chrono::milliseconds{1}, nanoseconds{at_most}), sweep{});
}

}  // namespace banyan
