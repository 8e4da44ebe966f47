// Translates times of the peer's monotonic clock to ours, so that a deadline which waited in a socket buffer while a
// process was paused is recognised as passed. (A remaining time, counted from its receipt, would not show that.)
// Pure.
//
//   clock.observe(ping.clock, now);                        // every hello, ping and pong carries its sender's clock
//   std::int64_t mine = clock.to_local(head.deadline);     // microseconds
//
// The offset is the smallest difference observed. It is too large by at most the latency of the fastest frame, so a
// translated deadline is never too early, and too late by at most that. Clocks drift (up to some 100 us per second),
// so observations older than two windows are dropped.
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

  // no_deadline without an observation, or on overflow.
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
  std::int64_t before_ = none, current_ = none;  // smallest difference in the previous and the current window
};

}  // namespace banyan::framed
