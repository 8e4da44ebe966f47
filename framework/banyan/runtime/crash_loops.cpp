#include <banyan/runtime/crash_loops.hpp>

#include <algorithm>
#include <utility>

namespace banyan {

namespace {

constexpr std::size_t kept = 100;  // crashes remembered per part

}  // namespace

void crash_loops::follow(supervision_hooks& hooks, const std::string& supervisor, const actor_system& system) {
  hooks.event = [loops = shared_from_this(), supervisor, &system, others = std::move(hooks.event)](const child_event& n) {
    if (n.kind == child_event::ended && n.why.kind == exit_reason::failed)
      loops->crashed(supervisor + ": " + std::string{n.child}, n.why.because, system.steady());
    if (others) others(n);
  };
}

void crash_loops::crashed(const std::string& part, const std::string& cause, monotonic now) {
  std::lock_guard guard{lock_};
  auto& p = parts_[part];
  p.when.push_back(now);
  if (p.when.size() > kept) p.when.pop_front();
  p.cause = cause;
}

std::vector<health_line> crash_loops::lines(monotonic now) const {
  std::lock_guard guard{lock_};
  std::vector<health_line> all;
  for (const auto& [name, p] : parts_) {
    const auto n = static_cast<std::size_t>(
        std::count_if(p.when.begin(), p.when.end(), [&](monotonic t) { return now - t < nanoseconds{within}; }));
    if (n >= crashes)
      all.push_back({"part " + name, health_state::degraded,
                     "crashed " + std::to_string(n) + " times within the last minute, last: " + p.cause});
  }
  return all;
}

}  // namespace banyan
