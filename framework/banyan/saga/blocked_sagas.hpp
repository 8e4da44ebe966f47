// The node's sagas that are blocked or need a person, and their lines on /readyz.
#pragma once

#include <banyan/assembly/assembly.hpp>
#include <banyan/event_sourcing/unreadable_streams.hpp>

#include <memory>

namespace banyan {

// Shared by all kinds of sagas of the node.
std::shared_ptr<unreadable_streams> blocked_sagas_of(assembly& a);
// Those with a step whose outcome a person must find out. Likewise.
std::shared_ptr<unreadable_streams> sagas_that_need_attention(assembly& a);

}  // namespace banyan
