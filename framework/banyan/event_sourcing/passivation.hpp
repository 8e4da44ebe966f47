// Passivation: the messages between a shard and an actor that it hosts when that one is to end.
#pragma once

#include <cstdint>
#include <string>

namespace banyan {

// Passivation: the shard asks an idle entity to end; the acknowledgement carries the number of commands it has been
// sent.
struct passivate {
  std::uint64_t forwarded = 0;
};
struct passivated {
  std::string entity;
  std::uint64_t forwarded = 0;
};
// The entity crashed and was restarted: a pending passivation is void.
struct entity_restarted {
  std::string entity;
};
// The entity is idle and does not exist, so ending it loses nothing.
struct nothing_stored {
  std::string entity;
};

}  // namespace banyan
