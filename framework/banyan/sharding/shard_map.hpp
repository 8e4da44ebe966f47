// The shard of a place key. Pure, and the same on every node and forever (the number of shards is fixed:
// shard_declaration.hpp).
#pragma once

#include <banyan/core/hash.hpp>

#include <cstdint>
#include <string_view>

namespace banyan {

inline std::uint32_t shard_of(std::string_view place_key, std::uint32_t shards) {
  return static_cast<std::uint32_t>(stable_hash(place_key) % shards);
}

}  // namespace banyan
