#include <banyan/observability/log_folding.hpp>

#include <algorithm>
#include <utility>

namespace banyan {

log_folding::state& log_folding::of(std::string_view kind) {
  if (const auto known = kinds_.find(kind); known != kinds_.end()) return known->second;
  return kinds_[std::string{kinds_.size() < options_.kinds ? kind : other}];
}

std::optional<std::uint64_t> log_folding::admit(std::string_view kind, monotonic now) {
  const std::lock_guard guard{lock_};
  auto& s = of(kind);
  if (now >= s.next) {
    s.next = now + nanoseconds{options_.every};
    return std::exchange(s.held_back, 0);
  }
  ++s.held_back;
  earliest_ = std::min(earliest_.load(), s.next);
  return std::nullopt;
}

std::vector<log_folding::folded> log_folding::overdue(monotonic now) {
  if (now < earliest_.load(std::memory_order_relaxed)) return {};
  const std::lock_guard guard{lock_};
  std::vector<folded> found;
  auto earliest = monotonic::max();
  for (auto& [kind, s] : kinds_) {
    if (s.held_back == 0) continue;
    if (now < s.next) {
      earliest = std::min(earliest, s.next);
      continue;
    }
    found.push_back({kind, std::exchange(s.held_back, 0)});
    s.next = now + nanoseconds{options_.every};
  }
  earliest_ = earliest;
  return found;
}

}  // namespace banyan
