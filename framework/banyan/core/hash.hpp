// A 64-bit hash that never changes: shard placement and stored fingerprints depend on it. XXH3 (seed 0), from libxxhash.
#pragma once

#include <cstdint>
#include <string_view>

namespace banyan {

std::uint64_t stable_hash(std::string_view bytes);

}  // namespace banyan
