// Crash loop detection, as health lines: parts that fail at or soon after every start, while their supervisor keeps
// restarting them with pauses. Otherwise such a part would show only as work that is not done.
//
//   loops.crashed("orders: subscribes.orders.placed.fulfilment", "unavailable: ...", clock.steady());
//   for (auto& line : loops.lines(clock.steady())) ...
//   // "crashed 5 times within the last minute, last: unavailable: ..."
#pragma once

#include <banyan/actor/system.hpp>
#include <banyan/core/time.hpp>
#include <banyan/observability/health.hpp>
#include <banyan/supervision/child_spec.hpp>

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace banyan {

// Thread-safe.
class crash_loops : public std::enable_shared_from_this<crash_loops> {
 public:
  static constexpr std::size_t crashes = 3;               // crashes ...
  static constexpr std::chrono::minutes within{1};        // ... in this time are a crash loop

  // Adds itself to a supervisor's hooks. `system` must outlive the supervisor.
  void follow(supervision_hooks& hooks, const std::string& supervisor, const actor_system& system);

  void crashed(const std::string& part, const std::string& cause, monotonic now);
  std::vector<health_line> lines(monotonic now) const;    // degraded, by part

 private:
  struct history {
    std::deque<monotonic> when;
    std::string cause;  // of the last crash
  };
  mutable std::mutex lock_;
  std::map<std::string, history> parts_;
};

}  // namespace banyan
