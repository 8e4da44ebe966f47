// Counts restarts within the time window of an intensity (policy.hpp); without an intensity there is no limit.
#pragma once

#include <banyan/supervision/policy.hpp>

#include <deque>

namespace banyan {

class restart_count {
 public:
  explicit restart_count(std::optional<intensity> limit) : limit_{limit} {}

  // Counts one restart; true when it exceeds the limit.
  bool is_too_much(monotonic now) {
    if (!limit_) return false;
    recent_.push_back(now);
    while (now - recent_.front() > limit_->within.count()) recent_.pop_front();
    return recent_.size() > static_cast<std::size_t>(limit_->restarts);
  }

 private:
  std::optional<intensity> limit_;
  std::deque<monotonic> recent_;
};

}  // namespace banyan
