// Logs actor life cycle events. Error: a crash, or a request that ended in an exception without crashing its actor,
// with cause, message and trace. Info: a restart.
//
//   actor_system system{{.observer = log_actor_event}};
#pragma once

#include <banyan/actor/system.hpp>

namespace banyan {

void log_actor_event(const actor_event& e);

}  // namespace banyan
