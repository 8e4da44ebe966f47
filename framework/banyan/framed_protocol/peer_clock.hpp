// Translates times of the other side's monotonic clock to ours, so that a deadline that lay in a socket's buffer while
// a process was paused is seen to have passed. (A rest of time that begins when it is read would begin anew.) Pure.
//
//   clock.observe(ping.clock, now);                        // every hello, ping and pong carries its sender's clock
//   std::int64_t mine = clock.to_local(head.deadline);     // microseconds
//
// The difference is the smallest one seen: it is too large by the fastest way of a frame, so a translated deadline is
// never too early, and too late by no more than that. Clocks drift (up to some 100 us in a second), so what is older
// than two windows counts no more.
#pragma once

#include <banyan/framed_protocol/messages.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>

namespace banyan::framed {

class peer_clock {
 public:
  explicit peer_clock(std::int64_t window_us = 60'000'000) : window_{window_us} {}

  void observe(std::int64_t sent, std::int64_t received) {
    std::int64_t difference = 0;
    if (__builtin_sub_overflow(received, sent, &difference)) return;
    if (received - began_ >= window_) {
      before_ = received - began_ < 2 * window_ ? current_ : none;
      current_ = none;
      began_ = received;
    }
    current_ = std::min(current_, difference);
  }

  // Without an observation, or beyond what a number can say: no_deadline.
  std::int64_t to_local(std::int64_t theirs) const {
    const auto difference = std::min(before_, current_);
    std::int64_t ours = 0;
    if (difference == none || theirs == no_deadline || __builtin_add_overflow(theirs, difference, &ours))
      return theirs < 0 ? std::numeric_limits<std::int64_t>::min() : no_deadline;
    return ours;
  }

 private:
  static constexpr std::int64_t none = std::numeric_limits<std::int64_t>::max();

  std::int64_t window_;
  std::int64_t began_ = std::numeric_limits<std::int64_t>::min() / 2;
  std::int64_t before_ = none, current_ = none;  // smallest difference in the window before, and in this one
};

}  // namespace banyan::framed
