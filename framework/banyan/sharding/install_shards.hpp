// Installs the shards of one kind of entity into a service: the actors that own the active entities, and the declarer
// of their number.
#pragma once

#include <banyan/actor/actor_ref.hpp>
#include <banyan/assembly/assembly.hpp>
#include <banyan/sharding/hosted_entities.hpp>
#include <banyan/sharding/sharded.hpp>

#include <functional>
#include <memory>

namespace banyan {

// Where a command of an entity goes: to its shard, or to the declarer while the journal has not agreed to their number.
using shard_route = std::function<address(message&)>;

// `routing` must live as long as the node. `entities`: names the category whose number of shards is declared.
shard_route install_shards(const shard_spec& routing, hosted_entities entities, std::shared_ptr<journal> j,
                           assembly& a);

}  // namespace banyan
