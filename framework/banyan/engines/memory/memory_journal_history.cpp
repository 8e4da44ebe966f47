// memory_journal: epochs, and simulated losses.
#include <banyan/engines/memory/memory_journal.hpp>

#include <algorithm>

namespace banyan {

void memory_journal::begin_epoch() { history_ = history_.opened(derive(options_.incarnation, ++openings_, "epoch"), head()); }

journal_history memory_journal::history() const {
  const auto lock = std::lock_guard{mutex_};
  return history_;
}

void memory_journal::lose_tail(position kept) {
  lose_queued();
  const auto lock = std::lock_guard{mutex_};
  while (head() > std::max<position>(kept, 0)) {
    const auto& last = log_.back();
    places_.erase(last.id);
    streams_[last.stream].events.pop_back();
    log_.pop_back();
  }
  for (auto& [name, s] : streams_) {
    while (!s.commands.empty() && s.commands.back().head > kept) s.commands.pop_back();
    if (s.last_snapshot && s.last_snapshot->version > static_cast<version>(s.events.size())) s.last_snapshot.reset();
  }
  std::erase_if(streams_, [](const auto& s) { return s.second.events.empty() && s.second.commands.empty(); });
  for (auto& [scope, raised] : tokens_)
    while (!raised.empty() && raised.back().head > kept) raised.pop_back();
  std::erase_if(facts_, [&](const auto& f) { return f.second.head > kept; });
  begin_epoch();
}

}  // namespace banyan
