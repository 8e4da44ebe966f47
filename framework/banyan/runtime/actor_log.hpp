// What befalls actors, as lines of the log: a crash is an error, with its cause, the message it happened on and the request's trace, and so
// is a request that an exception ended alone; that the actor runs again is for information.
//
//   actor_system system{{.observer = log_actor_event}};
#pragma once

#include <banyan/actor/system.hpp>

namespace banyan {

void log_actor_event(const actor_event& e);

}  // namespace banyan
