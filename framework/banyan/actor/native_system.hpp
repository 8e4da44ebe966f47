// CAF's actor system inside actor_system. For the sources of actor/ only.
#pragma once

#include <banyan/actor/caf_deterministic.hpp>
#include <banyan/actor/caf_scheduler.hpp>
#include <banyan/actor/caf_version.hpp>
#include <banyan/actor/system.hpp>

#include <map>

namespace banyan {

struct actor_system::native {
#if BANYAN_CAF_0_17
  explicit native(const actor_system_options& options) : simulated{options.simulated}, config{options}, caf{config} {}
#else
  explicit native(const actor_system_options& options)
      : simulated{options.simulated},
        config{options},
        caf{config, simulated ? &caf_version::make_deterministic : &caf_version::make_parking, nullptr} {}
#endif
  bool is_simulated() const { return simulated; }

  bool simulated;
  // By id: actors abandoned by their parents and asked to end. Weak: one without any address ends by itself.
  std::map<std::uint64_t, ::caf::weak_actor_ptr> left_behind;
  struct configured : ::caf::actor_system_config {
    explicit configured(const actor_system_options& options);
  } config;
  ::caf::actor_system caf;
  caf_version::inline_workers inline_workers;
};

}  // namespace banyan
