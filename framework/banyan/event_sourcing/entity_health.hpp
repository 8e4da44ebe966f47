// The streams of a node that entities can not read, and their line on /readyz.
#pragma once

#include <banyan/assembly/assembly.hpp>
#include <banyan/event_sourcing/unreadable_streams.hpp>

#include <memory>

namespace banyan {

// One for all aggregates of the node.
std::shared_ptr<unreadable_streams> unreadable_streams_of(assembly& a);

}  // namespace banyan
