#include <banyan/process_supervision/poll_set.hpp>

#include <algorithm>

namespace banyan {

void poll_set::wait(const clock& time) {
  timespec limit{};
  if (latest_) {
    const auto left = std::max(nanoseconds{0}, *latest_ - time.steady());
    const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
    limit = {.tv_sec = static_cast<time_t>(seconds.count()), .tv_nsec = static_cast<long>((left - seconds).count())};
  }
  if (::ppoll(fds_.data(), fds_.size(), latest_ ? &limit : nullptr, nullptr) <= 0) return;
  for (std::size_t i = 0; i < fds_.size(); ++i)
    if (fds_[i].revents != 0) then_[i]();
}

}  // namespace banyan
