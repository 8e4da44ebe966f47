// The beats that a node owes to whoever supervises its process (service_notifier.hpp). They come from an actor: when the actors make no
// progress there are none, and the process is started again.
#pragma once

#include <banyan/actor/system.hpp>
#include <banyan/process_supervision/service_notifier.hpp>

#include <functional>

namespace banyan {

// From now on, twice per heartbeat, as long as `alive` says so (asked on an actor's thread); until the system shuts down. Nothing when
// no heartbeat is expected.
void send_beats(actor_system& system, const service_notifier& above, std::function<bool()> alive);

}  // namespace banyan
