// Which shard a place key belongs to: pure, and the same on every node and for ever (the number of shards stays: shard_declaration.hpp).
#pragma once

#include <banyan/core/hash.hpp>

#include <cstdint>
#include <string_view>

namespace banyan {

inline std::uint32_t shard_of(std::string_view place_key, std::uint32_t shards) {
  return static_cast<std::uint32_t>(stable_hash(place_key) % shards);
}

}  // namespace banyan
