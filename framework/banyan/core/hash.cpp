#include <banyan/core/hash.hpp>

#include <xxhash.h>

namespace banyan {

std::uint64_t stable_hash(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

}  // namespace banyan
