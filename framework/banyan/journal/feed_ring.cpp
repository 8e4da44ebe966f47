#include <banyan/journal/feed_ring.hpp>

#include <banyan/journal/journal_rules.hpp>

#include <algorithm>
#include <utility>

namespace banyan {

void feed_ring::restart(position at) {
  events_.clear();
  bytes_ = 0;
  begins_ = ends_ = at;
}

void feed_ring::append(read_page page) {
  ends_ = std::max(ends_, page.looked_to);
  for (auto& e : page.events) {
    bytes_ += e.payload.size();
    events_.push_back(std::make_shared<const recorded_event>(std::move(e)));
  }
  while (events_.size() > limits_.events || (bytes_ > limits_.bytes && events_.size() > 1)) {
    const auto& oldest = *events_.front();
    bytes_ -= oldest.payload.size();
    begins_ = oldest.position;
    events_.pop_front();
  }
}

std::optional<feed_ring::shared_page> feed_ring::find(const read_all_request& request) const {
  const auto after = std::max<position>(request.after, 0);
  if (after < begins_ || after > ends_) return std::nullopt;
  shared_page page;
  page.looked_to = after;
  read_budget budget{request.limit};
  const auto is_before = [](position p, const auto& e) { return p < e->position; };
  for (auto e = std::upper_bound(events_.begin(), events_.end(), after, is_before);; ++e) {
    if (budget.is_spent()) return page;
    if (e == events_.end()) break;
    page.looked_to = (*e)->position;
    if (!matches(request, (*e)->stream, (*e)->type)) continue;
    budget.take((*e)->payload.size());
    page.events.push_back(*e);
  }
  page.looked_to = ends_;
  return page;
}

}  // namespace banyan
