// Is a program that runs also well? Pure: it is told what was seen, and when.
//
//   vital_signs v{60s, 5s, now};    // ready within a minute, then a beat at least every 5 s
//   v.is_ready(now); v.beats(now);
//   sleep until v.due(), take what has been sent meanwhile, and then: v.judge(now)
//
// Beats are missed from readiness on: how long a start may take is another matter. Before judging, take in what is there to be read: a
// supervisor that was itself stopped for a while would else blame the program for it.
#pragma once

#include <banyan/core/time.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>

namespace banyan {

class vital_signs {
 public:
  enum class verdict : std::uint8_t { well, late, hung };  // late: not ready in time

  vital_signs(timespan within, std::optional<timespan> heartbeat, monotonic started)
      : within_{within}, heartbeat_{heartbeat}, started_{started} {}

  void is_ready(monotonic now) {
    if (!ready_) ready_ = last_ = now;
  }
  void beats(monotonic now) {
    if (ready_) last_ = std::max(last_, now);
  }
  bool ready() const { return ready_.has_value(); }

  // When there will be something to judge: never, when it is ready and has no heart.
  std::optional<monotonic> due() const {
    if (!ready_) return add_saturating(started_, within_);
    if (heartbeat_) return add_saturating(last_, *heartbeat_);
    return {};
  }
  verdict judge(monotonic now) const {
    const auto limit = due();
    if (!limit || now < *limit) return verdict::well;
    return ready_ ? verdict::hung : verdict::late;
  }

 private:
  timespan within_;
  std::optional<timespan> heartbeat_;
  monotonic started_, last_{};
  std::optional<monotonic> ready_;
};

}  // namespace banyan
