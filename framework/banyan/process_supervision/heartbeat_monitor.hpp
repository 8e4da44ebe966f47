// Judges a running program by readiness and heartbeats. Pure: events and times are passed in.
//
//   heartbeat_monitor m{60s, 5s, now};    // ready within a minute, then a heartbeat at least every 5 s
//   m.mark_ready(now); m.record_heartbeat(now);
//   sleep until m.deadline(), read the notifications that arrived meanwhile, and then: m.assess(now)
//
// Heartbeats are expected from readiness on; the time to readiness has a limit of its own. Read pending
// notifications before assessing: otherwise a supervisor that was suspended itself would count the program as hung.
#pragma once

#include <banyan/core/time.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>

namespace banyan {

class heartbeat_monitor {
 public:
  enum class health : std::uint8_t { well, late, hung };  // late: not ready in time

  heartbeat_monitor(timespan within, std::optional<timespan> heartbeat, monotonic started)
      : within_{within}, heartbeat_{heartbeat}, started_{started} {}

  void mark_ready(monotonic now) {
    if (!ready_) ready_ = last_ = now;
  }
  void record_heartbeat(monotonic now) {
    if (ready_) last_ = std::max(last_, now);
  }
  bool is_ready() const { return ready_.has_value(); }

  // When to assess next; empty once the program is ready and no heartbeat is configured.
  std::optional<monotonic> deadline() const {
    if (!ready_) return add_saturating(started_, within_);
    if (heartbeat_) return add_saturating(last_, *heartbeat_);
    return {};
  }
  health assess(monotonic now) const {
    const auto limit = deadline();
    if (!limit || now < *limit) return health::well;
    return ready_ ? health::hung : health::late;
  }

 private:
  timespan within_;
  std::optional<timespan> heartbeat_;
  monotonic started_, last_{};
  std::optional<monotonic> ready_;
};

}  // namespace banyan
