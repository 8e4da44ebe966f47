// The node's heartbeats to its process supervisor (service_notifier.hpp). An actor sends them: when actors make no
// progress, heartbeats stop, and the supervisor restarts the process.
#pragma once

#include <banyan/actor/system.hpp>
#include <banyan/process_supervision/service_notifier.hpp>

#include <functional>

namespace banyan {

// Sends heartbeats from now on until the system shuts down, twice per period, while `alive` returns true (called on an
// actor's thread). Does nothing when no heartbeat is expected.
void send_heartbeats(actor_system& system, const service_notifier& above, std::function<bool()> alive);

}  // namespace banyan
