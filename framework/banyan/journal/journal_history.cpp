#include <banyan/journal/journal_history.hpp>

#include <algorithm>
#include <utility>

namespace banyan {

journal_history::journal_history(std::vector<journal_epoch> epochs) {
  std::vector<journal_epoch> kept;
  for (auto& e : epochs) {
    while (!kept.empty() && kept.back().begins >= e.begins) kept.pop_back();
    kept.push_back(e);
  }
  if (kept.size() > max_epochs) kept.erase(kept.begin(), kept.end() - max_epochs);
  epochs_ = std::make_shared<const std::vector<journal_epoch>>(std::move(kept));
}

journal_history journal_history::opened(const uuid& epoch, position head) const {
  auto all = epochs();
  all.push_back({head + 1, epoch});
  return journal_history{std::move(all)};
}

const std::vector<journal_epoch>& journal_history::epochs() const {
  static const std::vector<journal_epoch> none;
  return epochs_ ? *epochs_ : none;
}

uuid journal_history::epoch_of(position at) const {
  const auto& all = epochs();
  const auto after = std::upper_bound(all.begin(), all.end(), at, [](position p, const journal_epoch& e) { return p < e.begins; });
  return at <= 0 || after == all.begin() ? uuid{} : std::prev(after)->id;
}

bool journal_history::contains(const epoch_position& p, position head) const {
  if (p.at <= 0) return p.at == 0;
  return p.at <= head && !p.epoch.is_nil() && epoch_of(p.at) == p.epoch;
}

}  // namespace banyan
