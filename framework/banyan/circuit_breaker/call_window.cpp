#include <banyan/circuit_breaker/call_window.hpp>

#include <algorithm>

namespace banyan {

call_window::call_window(const circuit_breaker& o, std::size_t lent)
    : width_{o.window == breaker_window::time ? o.length.count().count() / o.buckets : 0},
      size_{static_cast<std::uint32_t>(width_ == 0 ? o.calls : o.buckets)} {
  const std::size_t needed = width_ == 0 ? (size_ + calls_per_word - 1) / calls_per_word : size_ * std::size_t{3};
  cells_ = std::make_unique<std::int64_t[]>(std::max(needed, lent));
}

void call_window::clear() noexcept {
  calls_ = failures_ = slow_ = 0;
  head_ = 0;
  bucket_ends_ = no_time;
  // Of a count window, only what was written since is read.
  if (width_ != 0) std::fill_n(cells_.get(), size_ * std::size_t{3}, 0);
}

std::int64_t* call_window::lend() noexcept {
  clear();
  return cells_.get();
}

call_window::bucket call_window::at(std::uint32_t i) const noexcept {
  return {cells_[i * 3], cells_[i * 3 + 1], cells_[i * 3 + 2]};
}

void call_window::turn(monotonic now) noexcept {
  const auto t = now.time_since_epoch().count();
  // The end of the bucket that `now` is in, of times before the clock's zero too.
  const auto rest = (t % width_ + width_) % width_;
  const auto ends = t - rest + width_;
  const auto steps = bucket_ends_ == no_time ? 0 : (ends - bucket_ends_) / width_;
  for (std::int64_t i = 0; i < std::min<std::int64_t>(steps, size_); ++i) {
    if (++head_ == size_) head_ = 0;
    const auto old = at(head_);
    calls_ -= static_cast<std::uint64_t>(old.calls);
    failures_ -= static_cast<std::uint64_t>(old.failures);
    slow_ -= static_cast<std::uint64_t>(old.slow);
    std::fill_n(&cells_[head_ * 3], 3, 0);
  }
  bucket_ends_ = ends;
}

}  // namespace banyan
