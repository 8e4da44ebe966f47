// A 64-bit hash that never changes: shard placement and stored fingerprints depend on it. XXH3 (seed 0), from libxxhash.
// Not for hash tables in memory (std::hash is), and not against people: whoever chooses the text can make two texts collide.
#pragma once

#include <cstdint>
#include <string_view>

namespace banyan {

std::uint64_t stable_hash(std::string_view bytes);

}  // namespace banyan
