#include <banyan/pub_sub/delivery_counts.hpp>

#include <algorithm>
#include <utility>

namespace banyan {

void delivery_counts::begin(const std::vector<row>& stored) {
  for (const auto& r : stored) {
    auto& e = entries_[r.at];
    e.what = r;
    if (!std::exchange(e.what.under_way, false)) continue;
    ++e.what.crashes;
    e.is_suspect = true;
    e.what.cause = "the process ended while the event was handled";
  }
}

void delivery_counts::begin_again(position checkpoint) {
  spare();
  taken_.clear();
  doubted_ = 0;
  doubtful_to_ = 0;
  saved_ = checkpoint;
}

void delivery_counts::taken_up(position at) {
  taken_.push_back(at);
  if (doubted_ == limits_.doubtful) return;
  ++doubted_;
  doubtful_to_ = at;
}

void delivery_counts::saved(position checkpoint) {
  saved_ = std::max(saved_, checkpoint);
  while (!taken_.empty() && taken_.front() <= saved_) taken_.pop_front();
  entries_.erase(entries_.begin(), entries_.upper_bound(saved_));
}

delivery_care delivery_counts::care_for(position at) const {
  if (is_given_up(at)) return delivery_care::not_at_all;
  auto found = entries_.find(at);
  if (found == entries_.end()) return at <= doubtful_to_ ? delivery_care::recorded : delivery_care::none;
  return found->second.is_suspect ? delivery_care::alone : delivery_care::recorded;
}

void delivery_counts::begins(position at) {
  if (care_for(at) != delivery_care::none) known(at).under_way = true;
}

void delivery_counts::refused(position at, std::string cause) {
  auto& r = known(at);
  r.under_way = false;
  ++r.refusals;
  r.cause = std::move(cause);
}

void delivery_counts::crashed(position at, std::string cause) {
  auto& r = known(at);
  r.under_way = false;
  ++r.crashes;
  r.cause = std::move(cause);
}

void delivery_counts::refused_for_good(position at, std::string cause) {
  refused(at, std::move(cause));
  entries_[at].is_hopeless = true;
}

std::vector<position> delivery_counts::spare() {
  std::vector<position> spared;
  for (auto& [at, e] : entries_)
    if (std::exchange(e.what.under_way, false)) spared.push_back(at);
  return spared;
}

bool delivery_counts::is_any_under_way() const {
  return std::any_of(entries_.begin(), entries_.end(), [](const auto& e) { return e.second.what.under_way; });
}

bool delivery_counts::is_given_up(position at) const {
  auto found = entries_.find(at);
  if (found == entries_.end()) return false;
  const auto& e = found->second;
  return e.is_hopeless || e.what.crashes >= limits_.crashes || e.what.refusals >= limits_.refusals;
}

void delivery_counts::forget(position at) { entries_.erase(at); }

delivery_counts::row delivery_counts::row_of(position at) const {
  auto found = entries_.find(at);
  return found == entries_.end() ? row{.at = at, .cause = {}} : found->second.what;
}

delivery_counts::row& delivery_counts::known(position at) {
  auto& r = entries_[at].what;
  r.at = at;
  return r;
}

}  // namespace banyan
