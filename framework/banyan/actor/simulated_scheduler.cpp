#include <banyan/actor/simulated_scheduler.hpp>

#include <banyan/actor/caf_deterministic.hpp>
#include <banyan/actor/native_system.hpp>

#include <caf/actor_registry.hpp>

#include <utility>

namespace banyan {

struct simulated_scheduler::native {
  explicit native(caf::actor_system& s)
      : system{s}, scheduler{dynamic_cast<caf_version::deterministic_scheduler&>(s.scheduler())}, clock{s} {}
  caf::actor_system& system;
  caf_version::deterministic_scheduler& scheduler;
  caf_version::deterministic_clock clock;
};

simulated_scheduler::simulated_scheduler(actor_system& of) : native_{std::make_unique<native>(of.get_native().caf)} {}
simulated_scheduler::~simulated_scheduler() = default;

std::size_t simulated_scheduler::jobs() const { return native_->scheduler.jobs.size(); }

std::uint64_t simulated_scheduler::actor(std::size_t job) const {
  const auto* what = native_->scheduler.jobs[job];
  if (auto* own = dynamic_cast<const caf_version::job*>(what)) return own->owner()->id();
  if (auto* raw = dynamic_cast<const caf::abstract_actor*>(what)) return raw->id();
  return 0;
}

void simulated_scheduler::run(std::size_t job) {
  auto& jobs = native_->scheduler.jobs;
  std::swap(jobs.front(), jobs[job]);
  native_->scheduler.try_run_once();
}

std::size_t simulated_scheduler::actors() const { return native_->system.registry().running(); }

monotonic simulated_scheduler::next_timer() const {
  const auto* next = native_->clock.next();
  return next ? monotonic{next->time_since_epoch()} : monotonic::max();
}

void simulated_scheduler::set_time(monotonic now) {
  using caf::actor_clock;
  native_->clock.set(
      actor_clock::time_point{std::chrono::duration_cast<actor_clock::duration_type>(now.time_since_epoch())});
}

void simulated_scheduler::fire_timers() { native_->clock.fire(); }
std::size_t simulated_scheduler::timers() const { return native_->clock.size(); }
void simulated_scheduler::cancel_timers() { native_->clock.cancel_all(); }

}  // namespace banyan
