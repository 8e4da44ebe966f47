// CAF's actor system inside actor_system. For actor/ and simulation/ only.
#pragma once

#include <banyan/actor/caf_scheduler.hpp>
#include <banyan/actor/caf_version.hpp>
#include <banyan/actor/system.hpp>

#include <map>

namespace banyan {

struct actor_system::native {
  explicit native(const actor_system_options& options) : simulated{options.simulated}, config{options}, caf{config} {}
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

// The id of the actor that a job of CAF's scheduler runs; 0: none.
std::uint64_t actor_of(const caf::resumable& job);

}  // namespace banyan
