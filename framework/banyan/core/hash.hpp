// A stable 64-bit hash, used for shard placement and stored fingerprints: XXH3 with seed 0, from libxxhash. Its
// values never change. Not for hash tables in memory (use std::hash), and not collision-resistant against an
// adversary who chooses the input.
#pragma once

#include <cstdint>
#include <string_view>

namespace banyan {

std::uint64_t stable_hash(std::string_view bytes);

}  // namespace banyan
