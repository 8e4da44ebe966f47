// Counts restarts within the time that an intensity looks back over (policy.hpp). Without one, there are never too many.
#pragma once

#include <banyan/supervision/policy.hpp>

#include <deque>

namespace banyan {

class restart_count {
 public:
  explicit restart_count(std::optional<intensity> limit) : limit_{limit} {}

  // One more, now: is it one too many?
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
