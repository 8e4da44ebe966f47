// The heartbeats that a node sends to the supervisor of its process (service_notifier.hpp). An actor sends them: when the actors make no
// progress there are none, and the process is started again.
#pragma once

#include <banyan/actor/system.hpp>
#include <banyan/process_supervision/service_notifier.hpp>

#include <functional>

namespace banyan {

// From now on, twice per period, as long as `alive` says so (called on an actor's thread); until the system shuts down. Nothing when
// no heartbeat is expected.
void send_heartbeats(actor_system& system, const service_notifier& above, std::function<bool()> alive);

}  // namespace banyan
