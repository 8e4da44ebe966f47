// The node's blocked sagas, and their line on /readyz.
#pragma once

#include <banyan/assembly/assembly.hpp>
#include <banyan/event_sourcing/unreadable_streams.hpp>

#include <memory>

namespace banyan {

// Shared by all kinds of sagas of the node.
std::shared_ptr<unreadable_streams> blocked_sagas_of(assembly& a);

}  // namespace banyan
