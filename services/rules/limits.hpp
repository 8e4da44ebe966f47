// Upper limits of amounts and quantities: far above those of any retailer, and so far below 64 bits that sums over all
// orders do not overflow.
#pragma once

#include <cstdint>

namespace shop {

inline constexpr std::int64_t most_pence = 1'000'000'000'000;    // a price, a line, an order: ten thousand million pounds, either way
inline constexpr std::int64_t most_pieces = 1'000'000'000;       // in one line, either way
inline constexpr std::int64_t most_on_hand = 1'000'000'000'000;  // of one SKU, as far as receipts fill it

}  // namespace shop
