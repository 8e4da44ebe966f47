#include <banyan/cqrs/fresh_queries.hpp>

namespace banyan {

result<void> fresh_queries::wait(ticket query, wanted what) {
  if (waiting_.contains(query)) return error{code::invalid_argument, "this query waits already"};
  if (waiting_.size() >= bound_) {
    return error{code::exhausted, "too many queries wait for this view"}.after(std::chrono::milliseconds{100});
  }
  by_position_.emplace(what.at, query);
  by_deadline_.emplace(what.deadline, query);
  waiting_.emplace(query, std::move(what));
  return {};
}

std::vector<fresh_queries::released> fresh_queries::release(position applied, const std::function<bool(const wanted&)>& held) {
  std::vector<released> out;
  while (!by_position_.empty() && by_position_.begin()->first <= applied) {
    const auto query = by_position_.begin()->second;
    const auto what = waiting_.find(query)->second;
    out.push_back({query, held(what) ? freshness::parked : freshness::fresh});
    remove(query, what);
  }
  return out;
}

std::vector<fresh_queries::released> fresh_queries::expire(monotonic now) {
  std::vector<released> out;
  while (!by_deadline_.empty() && by_deadline_.begin()->first <= now) {
    const auto query = by_deadline_.begin()->second;
    out.push_back({query, freshness::timeout});
    remove(query, waiting_.find(query)->second);
  }
  return out;
}

std::optional<monotonic> fresh_queries::next_deadline() const {
  if (by_deadline_.empty()) return {};
  return by_deadline_.begin()->first;
}

bool fresh_queries::cancel(ticket query) {
  const auto found = waiting_.find(query);
  if (found == waiting_.end()) return false;
  remove(query, found->second);
  return true;
}

void fresh_queries::remove(ticket query, const wanted& what) {
  by_position_.erase({what.at, query});
  by_deadline_.erase({what.deadline, query});
  waiting_.erase(query);
}

}  // namespace banyan
