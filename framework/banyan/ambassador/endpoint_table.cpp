#include <banyan/ambassador/endpoint_table.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace banyan {

namespace {

bool is_in(const std::vector<const link_endpoint*>& some, const link_endpoint& e) {
  return std::find(some.begin(), some.end(), &e) != some.end();
}

}  // namespace

endpoint_table::endpoint_table(balancer_options balance, std::optional<outlier_options> ejection,
                               guard_maker make_guard, monotonic now)
    : balancer_{balance}, states_{[make_guard = std::move(make_guard)](const endpoint& at) {
        auto made = std::make_shared<link_endpoint>(at);
        made->guard = make_guard(at);
        return made;
      }} {
  if (ejection) detector_.emplace(*ejection, now);
}

std::shared_ptr<const endpoint_table::endpoints> endpoint_table::update(
    const std::shared_ptr<const endpoint_list>& list, monotonic now) {
  const bool changed = states_.update(list);
  auto current = states_.list();
  if (changed && detector_) {
    outlier_detector::records records;
    for (const auto& e : *current) records.push_back(e->record);
    detector_->set_members(std::move(records), now);
  }
  return current;
}

endpoint_table::endpoint_ptr endpoint_table::choose(const endpoints& among, const unwanted& by, random_source& random,
                                                    std::uint64_t key, monotonic now) const {
  const auto pick = [&](bool may_be_tried, bool may_be_ejected) -> endpoint_ptr {
    const auto usable = [&](std::size_t i) {
      const auto& e = *among[i];
      return !is_in(by.refused, e) && (may_be_tried || !is_in(by.tried, e)) &&
             (may_be_ejected || !e.record->is_ejected(now));
    };
    const auto found = balancer_.choose(among, usable, random, key, now);
    return found ? among[*found] : nullptr;
  };
  auto e = pick(false, !by.refused.empty() && are_few(among, by, now));
  if (!e && !by.tried.empty()) e = pick(true, false);
  return e ? e : pick(true, true);
}

bool endpoint_table::are_few(const endpoints& among, const unwanted& by, monotonic now) {
  const auto is_usable = [&](const auto& e) { return !is_in(by.refused, *e) && !e->record->is_ejected(now); };
  return 2 * std::count_if(among.begin(), among.end(), is_usable) < static_cast<std::ptrdiff_t>(among.size());
}

void endpoint_table::record(link_endpoint& e, breaker_permit permit, call_outcome how, monotonic now) {
  if (e.guard && e.guard->record(permit, how, now)) wake_others(now);
}

void endpoint_table::wake_others(monotonic now) const {
  using waiting = std::pair<timespan, breaker*>;
  std::array<waiting, 2> first{};  // without memory of its own: a call that ends must not fail by this
  const auto all = states_.list();
  for (const auto& e : *all) {
    const auto left = e->guard ? e->guard->snapshot(now).retry_after : std::nullopt;
    if (!left || *left <= timespan{nanoseconds{0}}) continue;
    waiting other{*left, e->guard.get()};
    for (auto& f : first)
      if (!f.second || other.first < f.first) std::swap(f, other);
  }
  for (const auto& f : first)
    if (f.second) f.second->wake(now);
}

void endpoint_table::end(link_endpoint& e, attempt_result how, nanoseconds latency, monotonic now) {
  if (how == attempt_result::success)
    e.load.end(latency, now);
  else
    e.load.cancel();  // a failure has no latency to balance by
  if (how == attempt_result::success) e.succeeded.fetch_add(1, std::memory_order_relaxed);
  if (how == attempt_result::failure) e.failed.fetch_add(1, std::memory_order_relaxed);
  if (detector_) detector_->record(*e.record, how, latency, now);
}

std::vector<outlier_state> endpoint_table::ejections(monotonic now) const {
  return detector_ ? detector_->states(now) : std::vector<outlier_state>{};
}

}  // namespace banyan
