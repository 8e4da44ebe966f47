// Byte sizes as text, "512MiB". A unit (a power of 1024) is required.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace banyan {

std::optional<std::int64_t> parse_byte_size(std::string_view text);  // "0B", "64KiB", "512MiB", "2GiB"; whole numbers

}  // namespace banyan
