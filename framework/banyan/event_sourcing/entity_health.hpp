// The node's unreadable streams, and their line on /readyz.
#pragma once

#include <banyan/assembly/assembly.hpp>
#include <banyan/event_sourcing/unreadable_streams.hpp>

#include <memory>

namespace banyan {

// Shared by all aggregates of the node.
std::shared_ptr<unreadable_streams> unreadable_streams_of(assembly& a);

}  // namespace banyan
