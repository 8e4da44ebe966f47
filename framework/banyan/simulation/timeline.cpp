#include <banyan/simulation/timeline.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace banyan {

void timeline::add(monotonic at, owner whose, std::function<void()> what) {
  if (const auto held = held_.find(whose); held != held_.end()) at = std::max(at, held->second);
  due_.emplace(at, entry{whose, std::move(what)});
}

bool timeline::run_due(monotonic now) {
  bool any = false;
  while (!due_.empty() && due_.begin()->first <= now) {
    const auto what = std::move(due_.begin()->second.what);
    due_.erase(due_.begin());
    what();
    any = true;
  }
  return any;
}

void timeline::forget(owner whose) {
  std::vector<std::function<void()>> gone;  // destroyed last: their destructors may add actions
  for (auto i = due_.begin(); i != due_.end();) {
    if (i->second.whose == whose) {
      gone.push_back(std::move(i->second.what));
      i = due_.erase(i);
    } else {
      ++i;
    }
  }
  held_.erase(whose);
}

void timeline::hold(owner whose, monotonic until) {
  held_[whose] = until;
  std::vector<entry> waiting;
  for (auto i = due_.begin(); i != due_.end() && i->first < until;) {
    if (i->second.whose == whose) {
      waiting.push_back(std::move(i->second));
      i = due_.erase(i);
    } else {
      ++i;
    }
  }
  for (auto place = due_.lower_bound(until); auto& e : waiting) due_.emplace_hint(place, until, std::move(e));
}

}  // namespace banyan
