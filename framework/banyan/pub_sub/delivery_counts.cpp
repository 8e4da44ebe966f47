#include <banyan/pub_sub/delivery_counts.hpp>

#include <algorithm>
#include <utility>

namespace banyan {

void delivery_counts::begin(const std::vector<row>& stored, process_end how) {
  for (const auto& r : stored) {
    auto& is = entries_[r.at].stored;
    is = r;
    const auto then = std::exchange(is.now, attempt::none);
    if (then == attempt::none) continue;
    const bool was_alone = std::exchange(is.is_quarantined, true);
    death_evidence evidence{is.evidence};
    if (then == attempt::waiting) {
      evidence.died_waiting(how, limits_.trial);
    } else if (was_alone) {
      if (how != process_end::from_outside) ++is.deaths;
      evidence.died(is.lived, how, limits_.trial);
    }
    is.evidence = evidence.get();
    if (then == attempt::under_way) is.cause = "the process ended while the event was handled";
  }
}

void delivery_counts::begin_again(position checkpoint) {
  spare();
  taken_.clear();
  unconfirmed_ = 0;
  unconfirmed_to_ = 0;
  saved_ = checkpoint;
}

void delivery_counts::taken_up(position at) {
  taken_.push_back(at);
  if (unconfirmed_ == limits_.unconfirmed) return;
  ++unconfirmed_;
  unconfirmed_to_ = at;
}

void delivery_counts::saved(position checkpoint) {
  saved_ = std::max(saved_, checkpoint);
  while (!taken_.empty() && taken_.front() <= saved_) taken_.pop_front();
  entries_.erase(entries_.begin(), entries_.upper_bound(saved_));
}

delivery_mode delivery_counts::mode_for(position at) const {
  if (is_given_up(at)) return delivery_mode::given_up;
  auto found = entries_.find(at);
  if (found == entries_.end()) return at <= unconfirmed_to_ ? delivery_mode::recorded : delivery_mode::direct;
  return found->second.stored.is_quarantined ? delivery_mode::quarantined : delivery_mode::recorded;
}

bool delivery_counts::is_on_trial(position at) const { return death_evidence{row_of(at).evidence}.needs_trial(); }

std::optional<nanoseconds> delivery_counts::draws(position at, random_source& random) {
  auto& r = known(at);
  const death_evidence evidence{r.evidence};
  if (!evidence.needs_trial()) return std::nullopt;
  r.now = attempt::waiting;
  return evidence.draw(random);
}

void delivery_counts::begins(position at, nanoseconds lived) {
  if (mode_for(at) == delivery_mode::direct) return;
  auto& r = known(at);
  r.now = attempt::under_way;
  r.lived = lived;
}

void delivery_counts::lives(position at, nanoseconds lived) { known(at).lived = lived; }

bool delivery_counts::is_under_way(position at) const { return row_of(at).now == attempt::under_way; }

void delivery_counts::refused(position at, std::string cause) {
  ended(at, std::move(cause));
  ++known(at).refusals;
}

void delivery_counts::crashed(position at, std::string cause) {
  ended(at, std::move(cause));
  ++known(at).crashes;
}

void delivery_counts::excused(position at) {
  if (is_known(at)) ended(at, row_of(at).cause);
}

// The attempt ended, and the process survived it.
void delivery_counts::ended(position at, std::string cause) {
  auto& r = known(at);
  r.now = attempt::none;
  r.cause = std::move(cause);
  death_evidence evidence{r.evidence};
  evidence.survived(limits_.trial);
  r.evidence = evidence.get();
}

void delivery_counts::refused_for_good(position at, std::string cause) {
  refused(at, std::move(cause));
  entries_[at].is_hopeless = true;
}

std::vector<position> delivery_counts::spare() {
  std::vector<position> spared;
  for (auto& [at, e] : entries_)
    if (std::exchange(e.stored.now, attempt::none) != attempt::none) spared.push_back(at);
  return spared;
}

bool delivery_counts::is_any_under_way() const {
  return std::any_of(entries_.begin(), entries_.end(), [](const auto& e) { return e.second.stored.now != attempt::none; });
}

bool delivery_counts::is_poison(const row& r) const {
  return r.crashes >= limits_.crashes || death_evidence{r.evidence}.is_proven(limits_.trial);
}

bool delivery_counts::is_poison(position at) const {
  auto found = entries_.find(at);
  return found != entries_.end() && is_poison(found->second.stored);
}

bool delivery_counts::is_given_up(position at) const {
  auto found = entries_.find(at);
  if (found == entries_.end()) return false;
  const auto& e = found->second;
  return e.is_hopeless || e.stored.refusals >= limits_.refusals || is_poison(e.stored);
}

void delivery_counts::forget(position at) { entries_.erase(at); }

delivery_counts::row delivery_counts::row_of(position at) const {
  auto found = entries_.find(at);
  return found == entries_.end() ? row{.at = at, .cause = {}} : found->second.stored;
}

delivery_counts::row& delivery_counts::known(position at) {
  auto& r = entries_[at].stored;
  r.at = at;
  return r;
}

}  // namespace banyan
