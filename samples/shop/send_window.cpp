#include <shop/send_window.hpp>

#include <algorithm>

namespace shop {

std::optional<std::size_t> send_window::take(banyan::monotonic now) {
  if (!waiting_.empty() && waiting_.begin()->first <= now) {
    auto index = waiting_.begin()->second;
    waiting_.erase(waiting_.begin());
    ++retries_;
    return index;
  }
  if (next_ == count_ || unsettled_.size() >= options_.unsettled) return std::nullopt;
  unsettled_.emplace(next_, attempt{now, banyan::backoff{options_.backoff}});
  return next_++;
}

send_window::verdict send_window::answered(std::size_t index, const banyan::result<banyan::http_response>& answer, banyan::monotonic now) {
  auto at = unsettled_.find(index);
  if (at == unsettled_.end()) return verdict::again;
  if (!answer && banyan::is_retryable(answer.error().code)) {
    auto wait = at->second.backoff.next(now, random_);
    if (auto asked = answer.error().retry_after) wait = std::max<banyan::nanoseconds>(wait, *asked);
    if (now + wait - at->second.first_sent <= options_.give_up_after.count()) {
      waiting_.emplace(banyan::add_saturating(now, wait), index);
      return verdict::again;
    }
  }
  unsettled_.erase(at);
  ++settled_;
  return verdict::settled;
}

std::optional<banyan::monotonic> send_window::next_due() const {
  if (waiting_.empty()) return std::nullopt;
  return waiting_.begin()->first;
}

}  // namespace shop
